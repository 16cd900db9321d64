/** Style sheet of the sign-in and consent pages: light and dark, from 320 px. Its hash stands in the security policy. */
export const styles = `
:root {
  color-scheme: light dark;
  --ink: #1b1f24; --quiet: #57606a; --paper: #ffffff; --ground: #eef1f5; --line: #d0d7de;
  --accent: #0b6e6e; --on-accent: #ffffff; --warn: #8a4b00; --warn-ground: #fff4e0; --hover: #f3f6f9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e8ecf0; --quiet: #a3adb8; --paper: #1c2127; --ground: #11151a; --line: #3a424c;
    --accent: #4fc3c3; --on-accent: #06201f; --warn: #ffcf8a; --warn-ground: #3a2a12; --hover: #262d35;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 "Segoe UI", system-ui, sans-serif; }
main { max-width: 30rem; margin: 0 auto; padding: 1rem; }
@media (min-width: 40rem) { main { padding-top: 4rem; } }
.banner { margin: 0; padding: .5rem 1rem; border: 1px solid var(--line); border-bottom: 0; border-radius: .5rem .5rem 0 0;
  background: var(--warn-ground); color: var(--warn); }
.card { padding: 1.5rem; background: var(--paper); border: 1px solid var(--line); border-radius: 0 0 .5rem .5rem; }
@media (max-width: 24rem) { .card { padding: 1rem; } }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25; font-weight: 600; }
h2 { margin: 1rem 0 0; font-size: 1rem; font-weight: 600; }
.lead, .who { margin: 0 0 1rem; color: var(--quiet); overflow-wrap: anywhere; }
.accounts { list-style: none; margin: 0; padding: 0; border-top: 1px solid var(--line); }
.accounts li { border-bottom: 1px solid var(--line); }
.accounts button { display: flex; gap: .75rem; align-items: center; width: 100%; padding: .625rem .5rem; border: 0; border-radius: 0;
  background: none; color: inherit; font: inherit; text-align: start; cursor: pointer; }
.accounts button:hover { background: var(--hover); }
.initials { flex: none; display: grid; place-items: center; width: 2.5rem; height: 2.5rem; border-radius: 50%;
  background: var(--accent); color: var(--on-accent); font-weight: 600; }
.text { display: grid; min-width: 0; }
.name { font-weight: 600; }
.address, .role { color: var(--quiet); font-size: .875rem; overflow-wrap: anywhere; }
details { margin-top: .75rem; }
summary { padding: .5rem 0; cursor: pointer; }
.other { margin-top: 1.25rem; }
label { display: block; margin-bottom: .25rem; font-weight: 600; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; }
input { flex: 1 1 12rem; min-width: 0; padding: .5rem .625rem; border: 1px solid var(--quiet); border-radius: .25rem;
  background: var(--paper); color: inherit; font: inherit; }
.hint { margin: .5rem 0 0; color: var(--quiet); font-size: .875rem; }
.decide { display: flex; flex-wrap: wrap; gap: .5rem; justify-content: flex-end; margin-top: 1.25rem; }
.decide button, .other button { padding: .5rem 1.25rem; border: 1px solid var(--quiet); border-radius: .25rem; background: var(--paper);
  color: inherit; font: inherit; cursor: pointer; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; }
.permissions { margin: 0 0 1rem; padding: 0; list-style: none; }
.permissions li { display: grid; padding: .625rem 0; border-bottom: 1px solid var(--line); }
.permissions code { color: var(--quiet); }
.problem { margin: 0 0 1rem; padding: .625rem .75rem; border-inline-start: .25rem solid var(--warn); background: var(--warn-ground);
  color: var(--warn); overflow-wrap: anywhere; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;
