// Present: answer, router and gate for a hall. `p` begins and ends it, Escape ends it; the arrows walk the script,
// `b` makes the screen black until the next key.
() => {
  const mova = window.mova;
  const page = () => document.querySelector('#columns')?.parentElement;
  const steps = () => mova.steps('present');
  const caption = mova.make('div', 'mova-caption', { hidden: true });
  const title = mova.make('div', 'mova-title', { hidden: true });
  const black = mova.make('div', 'mova-black', { hidden: true });
  caption.setAttribute('role', 'status');
  black.setAttribute('aria-hidden', 'true');
  document.body.append(title, caption, black);
  let place = -1, before = null;
  const on = () => page()?.dataset.presenting !== undefined;

  const draw = () => {
    const step = steps()[place];
    const words = step ? mova.lineOf(step) : '';
    if (caption.textContent !== words) caption.textContent = words;
    caption.hidden = !on() || !words;
    page().dataset.presenting = step?.panel || 'both';
    page().classList.toggle('captioned', Boolean(words));
    // Before the first answer there is the name alone.
    title.hidden = document.querySelector('#transcript .mova-question') !== null;
  };
  const begin = () => {
    mova.endTour?.();
    mova.shrink?.();
    before = document.activeElement;
    place = -1;
    page().dataset.presenting = 'both';
    title.replaceChildren(mova.make('b', '', { textContent: 'MoVA' }),
      mova.make('span', '', { textContent: mova.words('present.title') }));
    document.activeElement?.blur();
    draw();
    window.dispatchEvent(new Event('resize'));
  };
  const end = () => {
    delete page().dataset.presenting;
    page().classList.remove('captioned');
    for (const part of [caption, title, black]) part.hidden = true;
    if (before?.isConnected) before.focus({ preventScroll: true });
  };
  const walk = (way) => {
    const next = Math.min(Math.max(place + way, 0), steps().length - 1);
    if (next === place || next < 0) return;
    place = next;
    // Going back to a step that only points shows what it pointed at.
    const played = way < 0 && !steps()[place].plays ? steps().slice(0, place).findLastIndex((s) => s.plays) : place;
    if (played >= 0) mova.go('present', played);
    draw();
  };

  mova.own['present'] = () => (on() ? end() : begin());
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const taken = () => { event.preventDefault(); event.stopPropagation(); };
    if (!black.hidden) { black.hidden = true; taken(); return; }
    if (mova.typing(event)) return;
    if (event.key === 'p' && !mova.touring?.()) { taken(); mova.own.present(); return; }
    if (!on()) return;
    const act = {
      Escape: end, b: () => { black.hidden = false; },
      ArrowRight: () => walk(1), PageDown: () => walk(1), ArrowLeft: () => walk(-1), PageUp: () => walk(-1),
    }[event.key];
    if (act) { taken(); act(); }
  }, true);
  new MutationObserver(() => { if (on()) draw(); })
    .observe(document.querySelector('#transcript'), { childList: true, subtree: true });
  if (new URLSearchParams(location.search).has('present')) mova.drawn.then(begin);
}
