// For the page as a whole, once it is there. MOST_CHARACTERS is the longest question, MOST_BYTES the largest file.
() => {
  const mova = (window.mova ??= { relays: {} });
  const composer = () => document.querySelector('#composer');
  const say = (mova.say = (text, kind = '') => {
    const line = document.querySelector('#status .mova-status');
    if (!line) return;
    line.className = `mova-status ${kind}`;
    line.setAttribute('role', kind === 'refused' ? 'alert' : 'status');
    line.textContent = text;
  });

  // One more than the limit, so that a longer text is refused in words and not cut in silence.
  composer()?.querySelector('textarea')?.setAttribute('maxlength', MOST_CHARACTERS + 1);

  // What is larger than the server takes is refused before anything of it is sent, however it was chosen.
  const tooLarge = (files) => {
    const found = [...files].some(({ size }) => size > MOST_BYTES);
    if (found) say(mova.words('page.large_file', { most: MOST_BYTES / 2 ** 20 }), 'refused');
    return found;
  };
  const end = (event) => { event.preventDefault(); event.stopPropagation(); };
  document.addEventListener('change', (event) => {
    if (event.target !== input() || !tooLarge(event.target.files)) return;
    end(event);
    event.target.value = '';
  }, true);

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
    if (tooLarge([file])) return;
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
    if (!files.length) return;
    const large = leftToComposer(event) && tooLarge(files);
    if (leftToComposer(event) && !large) return;
    end(event);
    // The composer waits for a drop until it is told that what hung over it has gone.
    if (large) { event.target.dispatchEvent(new DragEvent('dragleave', { bubbles: true })); return; }
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
