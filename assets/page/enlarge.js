// Each panel of the right side can be made as large as the window, and then be saved as a picture.
() => {
  const mova = window.mova;
  // What a panel holds once there is something in it that can be saved.
  const SAVED = {
    router: '.mova-scale', gate: '.mova-heat', time: '[data-stage]', where: '.mova-map', worth: '.mova-worth-bars',
  };
  const right = document.querySelector('#right');
  let large = '';

  const button = (act, name, words, sign) => {
    const made = mova.make('button', 'mova-quiet', { type: 'button', textContent: sign, title: words });
    made.setAttribute('aria-label', words);
    Object.assign(made.dataset, { act, id: name });
    return made;
  };
  const tools = (name, panel) => {
    const made = mova.make('span', 'mova-panel-acts');
    if (large === name && SAVED[name] && panel.querySelector(SAVED[name])) {
      for (const form of ['svg', 'png']) {
        const words = mova.words('enlarge.save', { form: form.toUpperCase() });
        const save = button('save-panel', name, words, form.toUpperCase());
        save.dataset.form = form;
        made.append(save);
      }
    }
    made.append(large === name ? button('enlarge', name, mova.words('enlarge.close'), '×')
      : button('enlarge', name, mova.words('enlarge.open'), '⤢'));
    return made;
  };
  // A panel is drawn anew by the server without its buttons: they are put back, and the focus with them.
  let focused = null;
  right.addEventListener('focusin', ({ target }) => { focused = target.closest('.mova-panel-acts button')?.dataset ?? null; });
  const dress = () => {
    for (const panel of right.querySelectorAll('.mova-panel[data-panel]')) {
      const name = panel.dataset.panel;
      panel.classList.toggle('large', large === name);
      const known = panel.querySelector(':scope > .mova-panel-acts');
      if (known?.dataset.large === String(large === name)) continue;
      known?.remove();
      const made = tools(name, panel);
      made.dataset.large = String(large === name);
      panel.querySelector('h2').after(made);
      if (focused?.id === name && document.activeElement === document.body) {
        (made.querySelector(`[data-form="${focused.form}"]`) ?? made.lastChild).focus({ preventScroll: true });
      }
    }
    document.documentElement.classList.toggle('mova-enlarged', large !== '');
  };
  new MutationObserver(dress).observe(right, { childList: true, subtree: true });

  const enlarge = (name) => {
    const last = large;
    large = large === name ? '' : name;
    dress();
    right.querySelector(`[data-act="enlarge"][data-id="${large || last}"]`)?.focus({ preventScroll: true });
  };
  mova.own.enlarge = ({ dataset }) => enlarge(dataset.id);
  mova.own['save-panel'] = ({ dataset }) => mova.act('save-panel', { panel: dataset.id, form: dataset.form });
  mova.shrink = () => { if (large) enlarge(large); };
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !large) return;
    event.preventDefault();
    event.stopPropagation();
    mova.shrink();
  }, true);
  dress();
}
