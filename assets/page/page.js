// For the page as a whole, once it is there. `MOST` is the longest question, in characters.
() => {
  const composer = () => document.querySelector('#composer');
  const say = (text) => {
    const line = document.querySelector('#status .mova-status');
    if (line) { line.textContent = text; line.className = 'mova-status'; }
  };

  // One more than the limit, so that a longer text is refused in words and not cut in silence.
  composer()?.querySelector('textarea')?.setAttribute('maxlength', MOST + 1);

  // A picture may be dropped anywhere: outside of the composer the browser would open it in the page's place.
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const hand = (file) => {
    const input = composer()?.querySelector('input[type=file]');
    if (!input) return;
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    composer().querySelector('textarea')?.focus();
  };
  const inComposer = (event) => composer()?.contains(event.target);
  document.addEventListener('dragover', (event) => { if (carriesFiles(event)) event.preventDefault(); });
  document.addEventListener('drop', (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    if (inComposer(event)) return;
    const files = [...event.dataTransfer.files];
    if (files.length > 1) say('One picture at a time: the first one was taken.');
    if (files.length) hand(files[0]);
  });
  // So may a picture be pasted while no text field has the focus.
  document.addEventListener('paste', (event) => {
    if (event.target.closest?.('input, textarea')) return;
    const file = [...(event.clipboardData?.files ?? [])].find(({ type }) => type.startsWith('image/'));
    if (file) { event.preventDefault(); hand(file); }
  });

  // A second picture takes the place of the first, which nobody should have to find out.
  const waiting = () => composer()?.querySelector('.thumbnails img, .thumbnail-item img')?.src ?? '';
  let before = waiting();
  new MutationObserver(() => {
    const now = waiting();
    if (before && now && now !== before) say('The new picture takes the place of the one before.');
    before = now;
  }).observe(composer(), { subtree: true, childList: true, attributes: true, attributeFilter: ['src'] });

  // Whoever leaves while an answer is being made is asked first.
  const answering = () => document.querySelector('#stop:not(:disabled)') !== null;
  window.addEventListener('beforeunload', (event) => { if (answering()) event.preventDefault(); });
}
