// Conversations that this browser keeps, and nobody else: in its own database, by id, so that two tabs keep the same
// ones once. At most MOST of them; the ones not used for longest make room.
() => {
  const mova = (window.mova ??= { relays: {} });
  const MOST = 30, STORE = 'conversations';
  const opened = new Promise((resolve, reject) => {
    const request = indexedDB.open('mova', 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: 'id' });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  const ask = async (mode, work) => {
    const store = (await opened).transaction(STORE, mode).objectStore(STORE);
    const request = work(store);
    return new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  };
  const all = async () => (await ask('readonly', (s) => s.getAll())).sort((a, b) => b.used - a.used);

  // One record after each answer, and when one was taken back; nothing is kept of a conversation that has none left.
  // Read and write are one transaction: what another tab keeps is not lost.
  const keep = async (record) => {
    const store = (await opened).transaction(STORE, 'readwrite').objectStore(STORE);
    await new Promise((resolve) => {
      const known = store.get(record.id);
      known.onsuccess = () => {
        const exchanges = { ...known.result?.exchanges, ...record.exchanges };
        for (const id of Object.keys(exchanges)) if (!record.order.includes(id)) delete exchanges[id];
        const some = Object.keys(exchanges).length > 0;
        (some ? store.put({ ...record, exchanges, used: Date.now() }) : store.delete(record.id)).onsuccess = resolve;
      };
    });
    for (const old of (await all()).slice(MOST)) await ask('readwrite', (s) => s.delete(old.id));
    channel?.postMessage('kept');
    await list();
  };

  // The list that the server draws has this visit's conversations; those kept from earlier go below them.
  const list = async () => {
    const whole = document.querySelector('#conversations .mova-list');
    if (!whole) return;
    const here = new Set([...whole.querySelectorAll('[data-act="conversation"]')].map((b) => b.dataset.id));
    const kept = await all().catch(() => []);
    const rows = kept.filter(({ id }) => !here.has(id)).map(({ id, title }) => {
      const row = document.createElement('li'), button = document.createElement('button');
      row.className = 'mova-kept';
      Object.assign(button, { type: 'button' }).dataset.act = 'kept';
      button.dataset.id = id;
      button.append(Object.assign(document.createElement('span'), { textContent: title }),
        Object.assign(document.createElement('small'), { textContent: whole.dataset.kept }));
      row.append(button);
      return row;
    });
    whole.querySelectorAll('.mova-kept').forEach((row) => row.remove());
    whole.querySelector('ul').append(...rows);
    whole.querySelector('.mova-forget').hidden = kept.length === 0;
    whole.classList.toggle('empty', !here.size && !rows.length);
  };

  mova.own ??= {};
  mova.own.kept = async ({ dataset }) => {
    const kept = await ask('readonly', (s) => s.get(dataset.id));
    if (kept) mova.act('open-kept', { text: JSON.stringify(kept) });
  };
  mova.own.forget = async ({ dataset }) => {
    if (!window.confirm(dataset.sure)) return;
    await ask('readwrite', (s) => s.clear());
    channel?.postMessage('forgotten');
    await list();
  };
  mova.receive ??= {};
  mova.receive.keep = keep;

  const channel = 'BroadcastChannel' in window ? new BroadcastChannel('mova') : null;
  if (channel) channel.onmessage = list;
  const place = document.querySelector('#conversations');
  new MutationObserver(() => { if (!place.querySelector('.mova-kept')) list(); })
    .observe(place, { childList: true, subtree: true });
  list();
}
