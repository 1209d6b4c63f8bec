// For a piece of HTML on the page; `element`, `trigger` and `watch` are given.

// One listener for everything clickable inside; selecting text is not a click.
element.addEventListener('click', (event) => {
  const target = event.target.closest('[data-act]');
  if (!target || (target.tagName === 'ARTICLE' && String(window.getSelection()))) return;
  if (target.dataset.act === 'theme') { document.body.classList.toggle('dark'); return; }
  const { act, id, index } = target.dataset;
  trigger('click', { act, id, index: index === undefined ? undefined : Number(index) });
});

// A new value replaces the whole piece, so what a person did to the old one is put back: the focus ...
let focused = null;
element.addEventListener('focusin', (event) => { focused = event.target.closest('button[data-act]')?.dataset; });
watch('value', () => {
  if (!focused || document.activeElement !== document.body) return;
  const { act, id } = focused;
  element.querySelector(`button[data-act="${act}"][data-id="${id}"]`)?.focus({ preventScroll: true });
});

// ... and the place in the text: at its end while one reads there, or when a question was added.
let atEnd = true, place = 0, count = 0;
element.addEventListener('scroll', ({ target }) => {
  place = target.scrollTop;
  atEnd = target.scrollHeight - place - target.clientHeight < 40;
}, true);
watch('value', () => {
  const box = element.querySelector('.mova-transcript');
  const questions = element.querySelectorAll('.mova-question').length;
  if (questions !== count) { count = questions; atEnd = true; }
  if (box) box.scrollTop = atEnd ? box.scrollHeight : place;
});
