// What talk, tour and links share: the scripts' steps, the examples' names and the words, as the server told them.
() => {
  const mova = (window.mova ??= { relays: {} });
  const given = document.querySelector('#scripts [data-scripts]')?.dataset.scripts;
  mova.told = given ? JSON.parse(given) : { examples: [], scripts: {}, words: { en: {} } };

  // The language as the server chooses it: of the address, else of the browser.
  mova.language ??= () => {
    const wish = new URLSearchParams(location.search).get('lang') || navigator.languages.join();
    const wished = wish.split(',').map((each) => each.trim().toLowerCase().split('-')[0]);
    return wished.find((each) => each in mova.told.words) ?? 'en';
  };
  document.documentElement.lang = mova.language();
  mova.words = (key, values = {}) => (mova.told.words[mova.language()][key] ?? key)
    .replace(/\{(\w+)\}/g, (_, name) => values[name]);
  mova.steps = (name) => mova.told.scripts[name] ?? [];
  mova.lineOf = (step) => step.line[mova.language()] ?? step.line.en;
  // Who walks on fast asks for the last step alone: the server takes calls that overlap in any order.
  let soon = 0;
  mova.go = (script, index) => {
    if (!mova.steps(script)[index].plays) return;
    clearTimeout(soon);
    soon = setTimeout(() => mova.act('step', { script, index }), 150);
  };
  mova.typing = ({ target }) => target.closest?.('input, textarea, select, [contenteditable="true"]') != null;

  // Once the server has drawn the visit, so that nothing that is asked is drawn over.
  mova.drawn = new Promise((resolve) => {
    const there = () => document.querySelector('#conversations .mova-list') !== null;
    if (there()) { resolve(); return; }
    const watcher = new MutationObserver(() => {
      if (there()) { watcher.disconnect(); resolve(); }
    });
    watcher.observe(document.body, { childList: true, subtree: true });
  });

  // The part of the page that a step is about: a panel, or a place with that id.
  mova.part = (name) => document.querySelector(`[data-panel="${name}"]`) ?? document.querySelector(`#${name}`);
  mova.make = (tag, kind, properties = {}) => Object.assign(document.createElement(tag), { className: kind }, properties);
}
