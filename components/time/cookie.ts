/** Remembered in this browser for a year; read by the server so that the switch is right from the first paint. */
export const SHOW_MY_TIME_COOKIE = 'show-my-time';
