// An address may name an example and experts: `?example=chart&experts=E,D` (`none`: CLIP alone). It is asked when
// the page opens, and the address follows when an example is picked, also that of the page around a Space.
() => {
  const mova = window.mova;
  const write = (changes) => {
    const query = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(changes)) if (value) query.set(name, value); else query.delete(name);
    const text = query.toString().replaceAll('%2C', ',');
    history.replaceState(history.state, '', `${location.pathname}${text && `?${text}`}${location.hash}`);
    if (window.parent !== window) window.parent.postMessage({ queryString: text }, 'https://huggingface.co');
  };
  mova.link = (index) => write({ example: mova.told.examples[index], experts: '' });
  document.addEventListener('click', ({ target }) => {
    const card = target.closest?.('[data-act="example"], [data-act="use"]');
    if (!card) return;
    if (card.dataset.act === 'use') write({ example: '', experts: '' }); else mova.link(Number(card.dataset.index));
  });
  const query = new URLSearchParams(location.search);
  const example = query.get('example'), experts = query.get('experts') ?? '';
  // A page that is loaded again has been asked already.
  const again = performance.getEntriesByType('navigation')[0]?.type === 'reload';
  if (example && !again) mova.drawn.then(() => mova.act('link', { example, experts }));
}
