/* The map over its own layers. Whatever it shows stands in the list too; where WebGL is missing the picture stays. */
(() => {
  "use strict";
  const box = document.getElementById("map");
  const sheet = document.getElementById("sheet");
  if (!box || !sheet) return;
  const COLOURS = { red: "#B8252B", yellow: "#C9860A", green: "#2F9467", grey: "#5B6870", plain: "#2A7896" };

  const open = (id) => {
    const cut = id.lastIndexOf("-");
    const address = box.dataset.sheet.replace("LAYER", id.slice(0, cut)).replace(/0\/$/, `${id.slice(cut + 1)}/`);
    sheet.hidden = false;
    if (box.choose) box.choose(id);
    window.htmx.ajax("GET", address, { target: "#sheet", swap: "innerHTML" }).then(() => {
      const top = sheet.getBoundingClientRect().top;
      if (top > window.innerHeight - 120 || top < 0) sheet.scrollIntoView({ block: "start" });
    });
  };

  document.querySelectorAll("[data-spot]").forEach((link) => link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || !window.htmx) return;
    event.preventDefault();
    open(link.dataset.spot);
    if (box.fly) box.fly(link.dataset.spot);
  }));

  const canDraw = () => {
    try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
  };
  if (!window.maplibregl || !canDraw()) return;

  /* the shapes of the lights, drawn once: ■ ▲ ● ○ • */
  const shape = (light, size) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const pen = canvas.getContext("2d"), middle = size / 2, r = size * 0.32;
    pen.fillStyle = COLOURS[light];
    pen.strokeStyle = "#fff";
    pen.lineWidth = size * 0.08;
    pen.beginPath();
    if (light === "red") pen.rect(middle - r, middle - r, 2 * r, 2 * r);
    else if (light === "yellow") { pen.moveTo(middle, middle - r * 1.15); pen.lineTo(middle + r * 1.15, middle + r); pen.lineTo(middle - r * 1.15, middle + r); pen.closePath(); }
    else pen.arc(middle, middle, light === "plain" ? r * 0.65 : r, 0, 7);
    if (light === "grey") { pen.fillStyle = "#fff"; pen.strokeStyle = COLOURS.grey; }
    pen.fill();
    pen.stroke();
    return pen.getImageData(0, 0, size, size);
  };

  /* a town: a pale disc with its name below, and its points of the month inside */
  const disc = (name, points) => {
    const canvas = document.createElement("canvas"), wide = 240, tall = 200;
    canvas.width = wide;
    canvas.height = tall;
    const pen = canvas.getContext("2d");
    pen.beginPath();
    pen.arc(wide / 2, 76, 70, 0, 7);
    pen.fillStyle = "rgb(255 255 255 / 75%)";
    pen.strokeStyle = "#B4BDBB";
    pen.lineWidth = 2;
    pen.fill();
    pen.stroke();
    pen.textAlign = "center";
    pen.lineJoin = "round";
    const write = (words, y, font, colour) => {
      pen.font = `${font} "PingFang SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif`;
      pen.strokeStyle = "#EEF2EF";
      pen.lineWidth = 6;
      pen.strokeText(words, wide / 2, y, wide - 4);
      pen.fillStyle = colour;
      pen.fillText(words, wide / 2, y, wide - 4);
    };
    if (points) write(points, 36, "600 28px", "#1F2A30");
    write(name, 178, "26px", "#5B6870");
    return pen.getImageData(0, 0, wide, tall);
  };

  const chips = document.querySelector(".layers");
  const shown = () => [...chips.querySelectorAll("input:checked")].map((input) => input.value);

  fetch(box.dataset.layer, { credentials: "same-origin" }).then((answer) => answer.json()).then((data) => {
    const at = Object.fromEntries(data.features.map((feature) => [feature.id, feature.geometry.coordinates]));
    const bounds = new maplibregl.LngLatBounds();
    data.features.forEach((feature) => bounds.extend(feature.geometry.coordinates));
    const style = { version: 8, sources: { spots: { type: "geojson", data } }, layers: [{ id: "land", type: "background", paint: { "background-color": "#EEF2EF" } }] };
    if (box.dataset.tiles) {
      style.sources.tiles = { type: "raster", tiles: [box.dataset.tiles], tileSize: 256, attribution: box.dataset.note };
      style.layers.push({ id: "tiles", type: "raster", source: "tiles", paint: { "raster-saturation": -0.6, "raster-opacity": 0.8 } });
    }
    box.classList.add("live");
    const map = new maplibregl.Map({ container: box, style, bounds, fitBoundsOptions: { padding: 48 }, attributionControl: box.dataset.tiles ? {} : false, dragRotate: false, fadeDuration: 0, maxZoom: 17 });
    map.on("error", (event) => { if (!map.loaded() && !box.dataset.tiles) { box.classList.remove("live"); console.warn(event.error); } });
    map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibregl.ScaleControl({ unit: "metric" }), "bottom-left");
    box.fly = (id) => { if (at[id] && !map.getBounds().contains(at[id])) map.jumpTo({ center: at[id] }); };
    box.choose = (id) => { if (map.getLayer("chosen")) map.setFilter("chosen", ["==", ["get", "id"], id]); };

    map.on("load", () => {
      Object.keys(COLOURS).forEach((light) => map.addImage(light, shape(light, 48), { pixelRatio: 2 }));
      data.features.filter((feature) => feature.properties.layer === "town").forEach((town) => map.addImage(town.id, disc(town.properties.name, town.properties.measure), { pixelRatio: 2 }));
      map.addLayer({ id: "towns", type: "symbol", source: "spots", filter: ["==", ["get", "layer"], "town"], layout: { "icon-image": ["get", "id"], "icon-allow-overlap": true, "icon-offset": [0, 12] } });
      map.addLayer({ id: "chosen", type: "circle", source: "spots", filter: ["==", ["get", "id"], ""], paint: { "circle-radius": 14, "circle-color": "rgba(42,120,150,0.15)", "circle-stroke-color": "#2A7896", "circle-stroke-width": 2 } });
      map.addLayer({
        id: "spots", type: "symbol", source: "spots", filter: ["!=", ["get", "layer"], "town"],
        layout: {
          "icon-image": ["get", "light"], "icon-allow-overlap": true, "icon-size": ["case", ["==", ["get", "layer"], "case"], 1.25, 1],
          "symbol-sort-key": ["match", ["get", "light"], "red", 4, "yellow", 3, "grey", 2, "green", 1, 0],
        },
      });
      const choose = () => {
        const wanted = shown();
        map.setFilter("spots", ["all", ["!=", ["get", "layer"], "town"], ["in", ["get", "layer"], ["literal", wanted]]]);
        map.setLayoutProperty("towns", "visibility", wanted.includes("town") ? "visible" : "none");
      };
      chips.hidden = false;
      chips.addEventListener("change", choose);
      choose();
      map.on("click", (event) => {
        const here = map.queryRenderedFeatures(event.point, { layers: ["spots", "towns"] });
        if (here.length) open(here[0].properties.id);
      });
      ["spots", "towns"].forEach((layer) => {
        map.on("mousemove", layer, (event) => { map.getCanvas().style.cursor = "pointer"; map.getCanvas().title = event.features[0].properties.name; });
        map.on("mouseleave", layer, () => { map.getCanvas().style.cursor = ""; map.getCanvas().title = ""; });
      });
      box.dataset.ready = "1";
    });
  }).catch(() => box.classList.remove("live"));
})();
