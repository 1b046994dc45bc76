/**
 * The demo's looks: one style sheet, no external assets, light and dark.
 */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --ground: #eef1f4;
  --card: #ffffff;
  --ink: #17202a;
  --muted: #55616d;
  --line: #c6ced6;
  --accent: #0b5d66;
  --accent-ink: #ffffff;
  --bad: #a3261b;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #12171c;
    --card: #1c242c;
    --ink: #edf1f5;
    --muted: #a5b1bc;
    --line: #43505c;
    --accent: #62c6cf;
    --accent-ink: #08272b;
    --bad: #ff9c92;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0;
  min-height: 100vh;
  display: grid;
  place-items: center;
  padding: 1.5rem;
  background: var(--ground);
  color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif;
}
main {
  width: 100%;
  max-width: 27rem;
  padding: 2rem;
  background: var(--card);
  border: 1px solid var(--line);
  border-radius: 0.75rem;
}
.brand { margin: 0 0 1.25rem; color: var(--muted); font-weight: 600; }
h1 { margin: 0 0 0.5rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 0.5rem; font-size: 1.1rem; }
p { margin: 0 0 1rem; }
.who { color: var(--muted); overflow-wrap: anywhere; }
label { display: block; margin: 0 0 0.25rem; font-weight: 600; }
input {
  width: 100%;
  margin: 0 0 1rem;
  padding: 0.6rem 0.75rem;
  border: 1px solid var(--line);
  border-radius: 0.4rem;
  background: transparent;
  color: inherit;
  font: inherit;
}
button, .choice {
  display: block;
  width: 100%;
  padding: 0.65rem 1rem;
  border: 1px solid var(--accent);
  border-radius: 0.4rem;
  background: var(--accent);
  color: var(--accent-ink);
  font: inherit;
  font-weight: 600;
  text-align: center;
  text-decoration: none;
  cursor: pointer;
}
button.plain, .choice { background: transparent; color: var(--ink); border-color: var(--line); }
.choice { margin: 0 0 0.6rem; text-align: start; }
.row { display: flex; gap: 0.6rem; }
.row > form { flex: 1; }
:is(a, button, input):focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
.links { margin: 1.25rem 0 0; padding: 0; list-style: none; }
.links li + li { margin-top: 0.35rem; }
.error { color: var(--bad); font-weight: 600; }
.error:empty, .status:empty { display: none; }
.passkeys { margin: 0 0 1rem; padding: 0; list-style: none; }
.passkeys li { display: flex; align-items: center; gap: 1rem; padding: 0.6rem 0; border-top: 1px solid var(--line); }
.passkeys div { flex: 1; min-width: 0; overflow-wrap: anywhere; }
.passkeys small { display: block; color: var(--muted); }
.passkeys button { width: auto; }
[hidden] { display: none !important; }
`;

/** The demo's icon: a key's bow and bit. */
export const PAGE_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#0b8791" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"><circle cx="8" cy="12" r="5"/><path d="M13 12h9M18 12v4M22 12v3"/></svg>`;
