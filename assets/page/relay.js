// For a hidden piece; `element` and `trigger` are given. What is clicked anywhere on the page goes through here to
// the server: its act, and what the act is about. Clicks that came before this was there have waited.
window.mova ??= { relays: {} };
const name = element.closest('#asks, #acts, #arrived').id;
window.mova.relays[name] = (told) => trigger('click', told);
for (const told of window.mova.waiting?.[name]?.splice(0) ?? []) window.mova.relays[name](told);
