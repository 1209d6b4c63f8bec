// For a hidden piece; `element` and `trigger` are given. What is clicked anywhere on the page goes through here to
// the server: its act, and what the act is about. Clicks that came before this was there have waited.
window.mova ??= { relays: {} };
const name = element.closest('#asks, #acts, #arrived').id;

// Clicks go in their order: the next leaves when what the act before it brought is on the page, or when that does
// not come. Sent side by side, two could be heard, or answered, in the other order. An ask waits for the acts before
// it, and nothing waits for an ask, which is answered over some time.
const PATIENCE = 5000;
const order = (window.mova.order ??= { waiting: [], number: 0, underway: 0, patience: 0 });
order.next ??= () => {
  clearTimeout(order.patience);
  order.underway = 0;
  while (order.waiting.length && !order.underway) {
    const { act, leave } = order.waiting.shift();
    if (act) {
      order.underway = ++order.number;
      order.patience = setTimeout(order.next, PATIENCE);
    }
    leave(order.underway);
  }
};
order.watch ??= () => {  // from the first click on: when this is read, #done may not be there yet
  order.watch = () => {};
  new MutationObserver(() => {
    const done = document.querySelector('#done i')?.dataset.number;
    if (order.underway && Number(done) === order.underway) order.next();
  }).observe(document.querySelector('#done') ?? document.body, { childList: true, subtree: true, attributes: true });
};
const inOrder = (told) => {
  order.watch();
  order.waiting.push({ act: name === 'acts', leave: (number) => trigger('click', { ...told, number }) });
  if (!order.underway) order.next();
};

window.mova.relays[name] = name === 'arrived' ? (told) => trigger('click', told) : inOrder;
for (const told of window.mova.waiting?.[name]?.splice(0) ?? []) window.mova.relays[name](told);
