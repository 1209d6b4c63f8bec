// For a hidden piece; `element` and `trigger` are given. What is clicked anywhere on the page goes through here to
// the server: its act, and what the act is about.
window.mova ??= { relays: {} };
window.mova.relays[element.closest('#asks, #acts').id] = (told) => trigger('click', told);
