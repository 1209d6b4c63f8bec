// For a hidden piece; `element` and `trigger` are given. What is clicked anywhere on the page goes through here to
// the server: its act, and what the act is about. Clicks that came before this was there have waited.
window.mova ??= { relays: {} };
const name = element.closest('#asks, #acts, #arrived').id;

// Acts go in the order of the clicks: the next leaves when what the one before brought is on the page, or when
// that does not come. Sent side by side, two clicks could be heard, or answered, in the other order.
const PATIENCE = 5000;
const waiting = [];
let number = 0, underway = 0, patience = 0;
const send = () => {
  clearTimeout(patience);
  underway = waiting.length ? ++number : 0;
  if (!underway) return;
  patience = setTimeout(send, PATIENCE);
  trigger('click', { ...waiting.shift(), number });
};
const inOrder = (told) => { waiting.push(told); if (!underway) send(); };
if (name === 'acts') new MutationObserver(() => {
  const done = document.querySelector('#done i')?.dataset.number;
  if (underway && Number(done) === underway) send();
}).observe(document.querySelector('#done') ?? document.body, { childList: true, subtree: true, attributes: true });

window.mova.relays[name] = name === 'acts' ? inOrder : (told) => trigger('click', told);
for (const told of window.mova.waiting?.[name]?.splice(0) ?? []) window.mova.relays[name](told);
