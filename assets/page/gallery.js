// The gallery's strip, and the way past it. Listens to the document, so it may come before the gallery does.
(() => {
  const cards = (strip) => [...strip.querySelectorAll('.mova-card')];
  const still = () => window.matchMedia('(prefers-reduced-motion: reduce)').matches;

  // Where there is more: `data-more` is "before", "after", "both" or nothing.
  const tell = (gallery) => {
    const room = gallery.scrollWidth - gallery.clientWidth;
    const before = gallery.scrollLeft > 4, after = gallery.scrollLeft < room - 4;
    const more = before && after ? 'both' : before ? 'before' : after ? 'after' : '';
    if (gallery.parentElement.dataset.more !== more) gallery.parentElement.dataset.more = more;
  };
  const tellAll = () => document.querySelectorAll('.mova-gallery').forEach(tell);
  document.addEventListener('scroll', ({ target }) => {
    if (target.classList?.contains('mova-gallery')) tell(target);
  }, true);
  window.addEventListener('resize', tellAll);

  // A click on an arrow goes on by what is seen, less one card.
  const step = (button) => {
    const gallery = button.parentElement.querySelector('.mova-gallery');
    const width = Math.max(gallery.clientWidth - 220, 160);
    const way = button.dataset.act === 'gallery-next' ? width : -width;
    gallery.scrollBy({ left: way, behavior: still() ? 'auto' : 'smooth' });
  };
  document.addEventListener('click', (event) => {
    const button = event.target.closest?.('[data-act^="gallery-"], [data-act="skip"]');
    if (!button) return;
    event.preventDefault();
    event.stopPropagation();
    if (button.dataset.act === 'skip') document.querySelector('#composer textarea')?.focus();
    else step(button);
  }, true);

  // One stop for Tab: the card that was focused last. Left and right go to another, down to its second button.
  const stop = (card, selector) => {
    const strip = card.closest('.mova-gallery');
    strip.querySelectorAll('button').forEach((button) => { button.tabIndex = -1; });
    const button = card.querySelector(selector);
    button.tabIndex = 0;
    button.focus({ preventScroll: true });
    card.scrollIntoView({ block: 'nearest', inline: 'nearest', behavior: still() ? 'auto' : 'smooth' });
  };
  document.addEventListener('keydown', (event) => {
    const card = event.target.closest?.('.mova-card');
    if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = cards(card.closest('.mova-gallery')), place = all.indexOf(card);
    const selector = event.target.classList.contains('mova-card-use') ? '.mova-card-use' : '.mova-card-ask';
    const goal = {
      ArrowRight: [all[place + 1], selector], ArrowLeft: [all[place - 1], selector],
      Home: [all[0], selector], End: [all.at(-1), selector],
      ArrowDown: [card, '.mova-card-use'], ArrowUp: [card, '.mova-card-ask'],
    }[event.key];
    if (!goal) return;
    event.preventDefault();
    if (goal[0]) stop(...goal);
  });
  // A press of the mouse makes its card the stop, too.
  document.addEventListener('focusin', ({ target }) => {
    if (!target.matches?.('.mova-card button') || target.tabIndex === 0) return;
    target.closest('.mova-gallery').querySelectorAll('button').forEach((button) => { button.tabIndex = -1; });
    target.tabIndex = 0;
  });

  const begin = () => {
    const watcher = new MutationObserver(() => {
      if (!document.querySelector('.mova-gallery')) return;
      watcher.disconnect();
      tellAll();
    });
    watcher.observe(document.body, { childList: true, subtree: true });
  };
  if (document.body) begin(); else document.addEventListener('DOMContentLoaded', begin);
})();
