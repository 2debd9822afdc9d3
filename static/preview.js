// Reloads the preview when the draft changed. The frame keeps its position.
(async () => {
  const root = document.documentElement;
  for (;;) {
    try {
      const since = root.dataset.version;
      const response = await fetch(`/preview/changes?since=${since}`);
      const version = await response.text();
      if (!response.ok || version === since) continue;
      const page = await (await fetch("/preview")).text();
      const fresh = new DOMParser().parseFromString(page, "text/html");
      document.title = fresh.title;
      document.querySelector("aside").replaceWith(fresh.querySelector("aside"));
      root.dataset.version = version;
      const frame = document.querySelector("iframe");
      if (frame) frame.contentWindow.location.reload();
      else location.reload();
    } catch {
      await new Promise((done) => setTimeout(done, 1000));
    }
  }
})();
