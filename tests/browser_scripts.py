"""What a visitor's eyes find out of the page: scripts that run in it."""

# Whether the browser keeps just conversations of so many questions each.
KEPT = """(counts) => new Promise((resolve) => {
  const open = indexedDB.open('mova', 1);
  open.onsuccess = () => {
    const all = open.result.transaction('conversations').objectStore('conversations').getAll();
    all.onsuccess = () => {
      open.result.close();
      resolve(`${all.result.map(({ order }) => order.length)}` === `${counts}`);
    };
  };
})"""
# Whether what is in a box has become higher than so many px.
GROWN = "([box, height]) => box.scrollHeight > height"
# Whether all of a control is on the screen as the page stands, and nothing lies over it.
IN_VIEW = """(control) => {
  const box = control.getBoundingClientRect();
  const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return box.top >= 0 && box.bottom <= innerHeight && box.left >= 0 && box.right <= innerWidth
    && (control.contains(over) || over?.contains(control));
}"""
