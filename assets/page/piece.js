// For a piece of HTML on the page; `element` and `watch` are given. A new value replaces the whole piece, so the
// focus that was in the old one is put back.
let focused = null;
element.addEventListener('focusin', (event) => { focused = event.target.closest('button[data-act]')?.dataset; });
watch('value', () => {
  if (!focused || document.activeElement !== document.body) return;
  const { act, id, index } = focused;
  const same = [...element.querySelectorAll(`button[data-act="${act}"]`)]
    .find(({ dataset }) => dataset.id === id && dataset.index === index);
  same?.focus({ preventScroll: true });
});
