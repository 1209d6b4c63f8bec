// A picture from the camera, where the browser has one: seen first, then taken like any other.
() => {
  const mova = (window.mova ??= { relays: {} });
  const button = document.querySelector('[data-act="camera"]');
  if (!button || !navigator.mediaDevices?.getUserMedia) return;
  button.hidden = false;
  mova.own ??= {};
  mova.own.camera = async () => {
    const { take, close, refused } = button.dataset;
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch { mova.say(refused); return; }
    const dialog = document.createElement('dialog'), video = document.createElement('video');
    dialog.className = 'mova-camera';
    Object.assign(video, { srcObject: stream, autoplay: true, playsInline: true, muted: true });
    const act = (words, work) => {
      const one = Object.assign(document.createElement('button'), { type: 'button', textContent: words });
      one.className = 'mova-quiet';
      one.addEventListener('click', work);
      return one;
    };
    const end = () => dialog.close();
    const shoot = () => {
      const canvas = document.createElement('canvas');
      [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
      canvas.getContext('2d').drawImage(video, 0, 0);
      canvas.toBlob((blob) => {
        if (blob) mova.hand(new File([blob], 'camera.jpg', { type: 'image/jpeg' }));
        end();
      }, 'image/jpeg', 0.92);
    };
    dialog.append(video, act(take, shoot), act(close, end));
    dialog.addEventListener('close', () => {
      stream.getTracks().forEach((track) => track.stop());
      dialog.remove();
      button.focus();
    });
    document.body.append(dialog);
    dialog.showModal();
  };
}
