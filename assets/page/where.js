// For the panel of places, once the page is there: what a person chose stays chosen when it is drawn anew.
() => {
  const chosen = {};
  const opacity = (value) => document.documentElement.style.setProperty('--mova-where-opacity', value);
  const put = (control) => {
    const value = chosen[control.dataset.where];
    if (value === undefined) return;
    if (control.type === 'range') control.value = value;
    else if (control.value === value) control.checked = true;
  };
  const control = (event) => event.target.closest?.('[data-where]');
  const putAll = (except) => document.querySelectorAll('[data-where]').forEach((each) => {
    if (each !== except) put(each);
  });
  for (const kind of ['input', 'change']) {
    document.addEventListener(kind, (event) => {
      const moved = control(event);
      if (!moved) return;
      chosen[moved.dataset.where] = moved.value;
      if (moved.type === 'range') opacity(moved.value);
      putAll(moved);
    });
  }
  // A new panel comes with nothing chosen.
  new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some((node) => node.querySelector?.('[data-where]')))) {
      putAll();
    }
  }).observe(document.body, { childList: true, subtree: true });
}
