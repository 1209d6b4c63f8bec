// Light or dark: follows the machine until a person chooses, then remembers the choice. Belongs into the head,
// so that it holds before anything is painted.
(() => {
  const KEY = 'mova-theme';
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  const asked = new URLSearchParams(window.location.search).get('__theme');
  const known = (name) => (name === 'dark' || name === 'light' ? name : null);
  const stored = () => {
    try { return known(localStorage.getItem(KEY)); } catch { return null; } // storage may be forbidden
  };
  let chosen = known(asked) ?? stored();

  const isDark = () => (chosen ? chosen === 'dark' : system.matches);
  // The library turns the body dark by itself as it starts: what was chosen is put back.
  const apply = () => {
    for (const part of [document.documentElement, document.body]) {
      if (part && part.classList.contains('dark') !== isDark()) part.classList.toggle('dark');
    }
  };
  const watch = () => {
    apply();
    new MutationObserver(apply).observe(document.body, { attributes: true, attributeFilter: ['class'] });
  };
  apply();
  if (document.body) watch(); else document.addEventListener('DOMContentLoaded', watch);
  system.addEventListener('change', apply);
  window.addEventListener('storage', (event) => {
    if (event.key !== KEY) return;
    chosen = known(event.newValue);
    apply();
  });
  document.addEventListener('click', (event) => {
    if (!event.target.closest?.('[data-act="theme"]')) return;
    event.stopPropagation();
    chosen = isDark() ? 'light' : 'dark';
    try { localStorage.setItem(KEY, chosen); } catch { /* it holds until the page is closed */ }
    apply();
  }, true);
})();
