// A tour for someone alone with the page: a small card beside the part that it is about.
() => {
  const mova = window.mova;
  const steps = () => mova.steps('tour');
  const GAP = 14, PHONE = 820;
  let card = null, place = 0, before = null, part = null, waiting = 0;

  const button = (act, words) => Object.assign(mova.make('button', 'mova-quiet', { type: 'button', textContent: words }),
    { onclick: act });
  const build = () => {
    card = mova.make('section', 'mova-tour', { tabIndex: -1 });
    card.setAttribute('role', 'dialog');
    card.setAttribute('aria-label', mova.words('tour.label'));
    const words = mova.make('p', 'mova-tour-line'), count = mova.make('p', 'mova-tour-count');
    words.setAttribute('aria-live', 'polite');
    const row = mova.make('div', 'mova-tour-row');
    row.append(button(end, mova.words('tour.end')), button(() => walk(-1), mova.words('tour.back')),
      button(() => walk(1), mova.words('tour.next')));
    card.append(count, words, row);
    document.body.append(card);
  };

  // Beside the part: left or right of it where there is room, else below or above; on a phone at the bottom.
  const put = () => {
    waiting = 0;
    if (!card || !part) return;
    const { offsetWidth: width, offsetHeight: height } = card;
    const clamp = (value, most) => Math.min(Math.max(value, GAP), Math.max(most, GAP));
    let x = GAP, y = innerHeight - height - GAP;
    if (innerWidth > PHONE) {
      const box = part.getBoundingClientRect();
      const top = Math.max(box.top, 0), bottom = Math.min(box.bottom, innerHeight);
      if (box.left - width - GAP >= GAP) [x, y] = [box.left - width - GAP, top];
      else if (box.right + GAP + width <= innerWidth - GAP) [x, y] = [box.right + GAP, top];
      else if (bottom + GAP + height <= innerHeight) [x, y] = [box.left, bottom + GAP];
      else [x, y] = [box.left, top - height - GAP];
      x = clamp(x, innerWidth - width - GAP);
      y = clamp(y, innerHeight - height - GAP);
    }
    card.style.left = `${x}px`;
    card.style.top = `${y}px`;
  };
  const later = () => { waiting ||= requestAnimationFrame(put); };

  // A panel is drawn anew while an answer comes, so its part is looked for again.
  const point = () => {
    const found = mova.part(steps()[place].panel || 'transcript');
    if (found !== part) {
      part?.classList.remove('mova-pointed');
      part = found;
    }
    if (part && !part.classList.contains('mova-pointed')) part.classList.add('mova-pointed');
    later();
  };
  const show = () => {
    const [count, words, row] = card.children, last = place === steps().length - 1;
    count.textContent = mova.words('tour.step', { number: place + 1, count: steps().length });
    words.textContent = mova.lineOf(steps()[place]);
    row.children[1].disabled = place === 0;
    row.children[2].textContent = mova.words(last ? 'tour.done' : 'tour.next');
    point();
    part?.scrollIntoView({ block: innerWidth > PHONE ? 'nearest' : 'start' });
    (document.activeElement === row.children[1] && place ? row.children[1] : row.children[2]).focus({ preventScroll: true });
  };
  const walk = (way) => {
    if (place + way >= steps().length) { end(); return; }
    if (place + way < 0) return;
    place += way;
    if (way > 0) mova.go('tour', place);
    show();
  };
  const begin = () => {
    if (card || !steps().length) return;
    mova.shrink?.();
    before = document.activeElement;
    place = 0;
    build();
    mova.go('tour', 0);
    show();
    watcher.observe(page(), { childList: true, subtree: true });
  };
  const end = () => {
    if (!card) return;
    watcher.disconnect();
    card.remove();
    part?.classList.remove('mova-pointed');
    card = part = null;
    const button = before?.isConnected && before !== document.body ? before : document.querySelector('[data-act="tour"]');
    button?.focus({ preventScroll: true });
  };
  const page = () => document.querySelector('#columns').parentElement;
  const watcher = new MutationObserver(() => { if (card) point(); });

  mova.own.tour = begin;
  mova.endTour = end;
  mova.touring = () => card !== null;
  document.addEventListener('keydown', (event) => {
    if (!card || mova.typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { Escape: end, ArrowRight: () => walk(1), ArrowLeft: () => walk(-1) }[event.key];
    const inside = card.contains(event.target) || event.target === document.body;
    if (!act || (event.key !== 'Escape' && !inside)) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }, true);
  document.addEventListener('scroll', () => { if (card) later(); }, true);
  window.addEventListener('resize', () => { if (card) later(); });
  if (!steps().length) document.querySelector('[data-act="tour"]')?.remove();
  else if (new URLSearchParams(location.search).has('tour')) mova.drawn.then(begin);
}
