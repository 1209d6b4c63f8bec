// What belongs to clicks and to the chat, once the page is there.
() => {
  const mova = (window.mova ??= { relays: {} });
  const ASKS = ['example', 'compare', 'ask-with', 'open-trace', 'replay', 'worth', 'see', 'ways', 'step',
    'link'];
  mova.waiting ??= { asks: [], acts: [] };
  mova.act = (act, told = {}) => {
    const name = ASKS.includes(act) ? 'asks' : 'acts', relay = mova.relays[name];
    if (relay) relay({ act, ...told }); else mova.waiting[name].push({ act, ...told });
  };

  // One listener for everything clickable that the page has drawn itself. What a browser does alone is in `own`.
  mova.own ??= {};
  mova.own['open-file'] = () => mova.openFile();
  mova.own.copy = async (button) => {
    const { text, copied } = button.dataset, said = button.textContent;
    if (said === copied) return;
    await mova.copy(text);
    button.textContent = copied;
    setTimeout(() => { button.textContent = said; }, 1500);
  };
  mova.copy = async (text) => {
    if (navigator.clipboard) { await navigator.clipboard.writeText(text); return; }
    const field = Object.assign(document.createElement('textarea'), { value: text });  // a page without TLS
    document.body.append(field);
    field.select();
    document.execCommand('copy');
    field.remove();
  };
  const told = ({ id, index }) => ({
    id, index: index === undefined ? undefined : Number(index), speed: mova.speed(),
  });
  mova.speed = () => Number(document.querySelector('#speed')?.value ?? 1);
  document.addEventListener('click', (event) => {
    const target = event.target.closest('[data-act]');
    if (!target || target.disabled) return;
    const own = mova.own[target.dataset.act];
    if (own) own(target); else mova.act(target.dataset.act, told(target.dataset));
  });

  // Choosing an answer anywhere in its text brings its right side back; selecting text is no choice.
  const chat = () => document.querySelector('#transcript');
  chat()?.addEventListener('click', (event) => {
    if (event.target.closest('button, a, textarea, summary, input') || String(window.getSelection())) return;
    event.target.closest('.mova-answer')?.querySelector('.mova-line')?.click();
  });

  // The library's messages get our names, their own writing direction, and a mark on the one that is shown.
  const put = ({ classList }, name, on) => { if (classList.contains(name) !== on) classList.toggle(name, on); };
  const dress = () => {  // only what has to change is written: each writing is seen by the observer below
    for (const text of chat().querySelectorAll('[data-testid="user"], [data-testid="bot"]')) {
      if (text.dir !== 'auto') text.dir = 'auto';
      if (text.dataset.testid === 'user') put(text, 'mova-question', true);
    }
    for (const message of chat().querySelectorAll('.message.bot')) {
      put(message, 'mova-answer', true);
      put(message, 'shown', message.querySelector('.mova-line[aria-pressed="true"]') !== null);
    }
    follow();
  };

  // The text is followed to its end while one reads there, or when a question was added: where something has come
  // since one looked there, and not under a finger or a mouse button that is down, since a click on what moves away
  // is lost.
  const talk = () => chat()?.querySelector('[role="log"]');
  let atEnd = true, count = 0, placed = 0, left = -1, held = false;
  const below = (box) => box.scrollHeight - box.scrollTop - box.clientHeight;
  chat()?.addEventListener('scroll', ({ target }) => { left = below(target); atEnd = left < 40; }, true);
  const follow = () => {
    const questions = chat().querySelectorAll('.mova-question').length;
    if (questions !== count) { count = questions; atEnd = true; placed = 0; left = -1; }
    const box = talk();
    // One who has just scrolled up is noticed here before the scroll event comes.
    if (!box || !atEnd || (box.scrollTop < placed - 4 && below(box) > 40)) { atEnd &&= !box; return; }
    if (held || below(box) <= left) return;
    box.scrollTop = box.scrollHeight;
    placed = box.scrollTop;
    left = below(box);
  };
  chat()?.addEventListener('pointerdown', () => { held = true; });
  // Some releases are never told, a scroll bar's among them: whatever moves without a button down is one.
  const released = ({ buttons }) => {
    if (held && !buttons) setTimeout(() => { held = false; follow(); });  // the click comes first
  };
  for (const kind of ['pointerup', 'pointercancel', 'pointermove']) window.addEventListener(kind, released);
  new MutationObserver(dress).observe(chat(), { childList: true, subtree: true, characterData: true,
    attributes: true, attributeFilter: ['class', 'aria-pressed'] });
  new ResizeObserver(follow).observe(chat());
  dress();

  // Letters from the server: something to save as a file, or to keep (kept.js).
  mova.receive ??= {};
  mova.receive.save = ({ name, type, text, base64 }) => {
    const content = base64 ? Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0)) : text;
    const link = Object.assign(document.createElement('a'), {
      href: URL.createObjectURL(new Blob([content], { type })), download: name,
    });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  let last = '';
  new MutationObserver(() => {
    const letter = document.querySelector('#outbox [data-letter]')?.dataset;
    if (!letter || letter.number === last) return;
    last = letter.number;
    for (const [kind, content] of Object.entries(JSON.parse(letter.letter))) mova.receive[kind]?.(content);
  }).observe(document.querySelector('#outbox'), { childList: true, subtree: true, attributes: true });

  // A trace out of a file: chosen, or dropped like a picture (page.js).
  mova.openTrace = async (file) => {
    if (file.size > 4 * 2 ** 20) { mova.say(mova.words('page.large_trace'), 'refused'); return; }
    mova.act('open-trace', { text: await file.text(), speed: mova.speed() });
  };
  mova.openFile = () => {
    const input = Object.assign(document.createElement('input'), { type: 'file', accept: '.json,application/json' });
    input.addEventListener('change', () => { if (input.files[0]) mova.openTrace(input.files[0]); });
    input.click();
  };
}
