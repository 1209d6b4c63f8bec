// For the page as a whole, once it is there. MOST_CHARACTERS is the longest question.
() => {
  const mova = (window.mova ??= { relays: {} });
  const composer = () => document.querySelector('#composer');
  const say = (mova.say = (text) => {
    const line = document.querySelector('#status .mova-status');
    if (line) { line.textContent = text; line.className = 'mova-status'; }
  });

  // One more than the limit, so that a longer text is refused in words and not cut in silence.
  composer()?.querySelector('textarea')?.setAttribute('maxlength', MOST_CHARACTERS + 1);

  // Gives the composer a picture. With one in it, it takes no other: the first makes room, and that is said.
  const input = () => composer()?.querySelector('input[type=file]');
  const give = (file) => {
    const files = new DataTransfer();
    files.items.add(file);
    input().files = files.files;
    input().dispatchEvent(new Event('change', { bubbles: true }));
    composer().querySelector('textarea')?.focus();
  };
  const hand = (mova.hand = (file) => {
    if (input()) { give(file); return; }
    const watcher = new MutationObserver(() => {
      if (!input()) return;
      watcher.disconnect();
      give(file);
      say(mova.words('page.replaced'));
    });
    watcher.observe(composer(), { childList: true, subtree: true });
    composer().querySelector('[aria-label="Remove file"]')?.click();
  });

  // A picture that has come into the composer is begun before its question is there.
  let begun = '';
  new MutationObserver(() => {
    const picture = composer().querySelector('img[src*="/file="]')?.src ?? '';
    if (picture !== begun && picture) mova.relays.arrived?.({});
    begun = picture;
  }).observe(composer(), { childList: true, subtree: true, attributes: true, attributeFilter: ['src'] });

  // A picture may be dropped anywhere: outside of the composer the browser would open it in the page's place.
  const leftToComposer = (event) => composer()?.contains(event.target) && input();
  const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes('Files');
  const take = (event, transfer) => {
    const files = [...(transfer?.files ?? [])];
    if (!files.length || leftToComposer(event)) return;
    event.preventDefault();
    event.stopPropagation();
    const trace = files.find((file) => file.name.endsWith('.json'));
    if (trace) { mova.openTrace(trace); return; }
    if (files.length > 1) say(mova.words('page.one_picture'));
    hand(files[0]);
  };
  document.addEventListener('dragover', (event) => { if (carriesFiles(event)) event.preventDefault(); });
  document.addEventListener('drop', (event) => {
    if (carriesFiles(event)) event.preventDefault();
    take(event, event.dataTransfer);
  }, true);
  // So may a picture be pasted, unless it is a text that goes into a field.
  document.addEventListener('paste', (event) => {
    const intoField = event.target.closest?.('input, textarea');
    if (!intoField || !event.clipboardData?.types.includes('text/plain')) take(event, event.clipboardData);
  }, true);

  // Whoever leaves while an answer is being made is asked first.
  const answering = () => document.querySelector('#stop:not(:disabled)') !== null;
  window.addEventListener('beforeunload', (event) => { if (answering()) event.preventDefault(); });
}
