/**
 * What the page does with a script: search, opening all, and following links into closed results. Everything is readable without it.
 */

/** The whole script. It reads the page's own text and changes nothing but `hidden` and `open`. */
export const SCRIPT = `'use strict';
(() => {
  const results = [...document.querySelectorAll('details.r')];
  const search = document.getElementById('search');
  const all = document.getElementById('all');
  document.getElementById('tools').hidden = false;
  const filter = () => {
    const words = search.value.toLowerCase().split(/\\s+/).filter(Boolean);
    for (const result of results) {
      const text = result.querySelector('summary').textContent.toLowerCase();
      result.hidden = !words.every((word) => text.includes(word));
    }
  };
  search.addEventListener('input', filter);
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target === search) return;
    event.preventDefault();
    search.focus();
  });
  all.addEventListener('click', () => {
    const open = all.textContent === 'Open all';
    for (const result of results) result.open = open;
    all.textContent = open ? 'Close all' : 'Open all';
  });
  const follow = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target === null || !target.matches('details.r')) return;
    target.open = true;
    target.scrollIntoView();
  };
  addEventListener('hashchange', follow);
  follow();
  let closed = [];
  addEventListener('beforeprint', () => {
    closed = results.filter((result) => !result.open);
    for (const result of closed) result.open = true;
  });
  addEventListener('afterprint', () => {
    for (const result of closed) result.open = false;
  });
})();
`;
