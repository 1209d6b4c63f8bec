// What if: the router's chips are switches. Up to three experts, or none; then ask again, or compare.
() => {
  const mova = (window.mova ??= { relays: {} });
  const MOST = 3;
  const panel = () => document.querySelector('#router');
  const toggles = () => [...(panel()?.querySelectorAll('[data-act="whatif"]') ?? [])];
  const chosen = () => toggles().filter((t) => t.getAttribute('aria-pressed') === 'true').map((t) => t.dataset.letter);
  const press = (toggle, on) => toggle.setAttribute('aria-pressed', String(on));
  const show = () => {
    const letters = chosen();
    panel()?.classList.toggle('choosing', letters.length > 0);
    const said = panel()?.querySelector('.mova-whatif-letters');
    if (said) said.textContent = letters.includes('none') ? said.dataset.none : letters.join(', ');
  };
  mova.own ??= {};
  mova.own.whatif = (target) => {
    const on = target.getAttribute('aria-pressed') !== 'true';
    const none = target.dataset.letter === 'none';
    for (const other of toggles()) if (on && none !== (other.dataset.letter === 'none')) press(other, false);
    if (on && chosen().length >= MOST) press(toggles().find((t) => t.dataset.letter === chosen()[0]), false);
    press(target, on);
    show();
  };
  const experts = () => chosen().filter((letter) => letter !== 'none').join('');
  mova.own['whatif-ask'] = () => mova.act('ask-with', { experts: experts() });
  mova.own['whatif-compare'] = () => mova.act('compare', { experts: experts() });
}
