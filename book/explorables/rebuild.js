// A photograph rebuilt from the components with the largest responses to each of its patches.
(() => {
  const { box, controls, core, field, format, picture, titled, words } = XP;
  const SIDE = 96; // pixels of the photograph's side
  const PATCH = 12; // pixels of a patch's side
  const COUNT = 64; // components, and patches
  const FIELDS = {
    count: field.number("Components in each patch", [0, COUNT, 1], 4),
    kind: field.choice("Kind", { learned: "learned", principal: "principal" }),
  };
  const upTo = (count) => [...Array(count).keys()];
  const dot = (first, second) => first.reduce((sum, value, i) => sum + value * second[i], 0);
  const combine = (factors, rows, chosen = upTo(COUNT)) =>
    Array.from(rows[0], (_, i) => chosen.reduce((sum, k) => sum + factors[k] * rows[k][i], 0));

  // From the page, as 16-bit integers: the mean of each patch; the responses of the principal components
  // to it; the standard deviations and the patterns of these; and the learned components, composed of
  // them.
  let page;
  const read = (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const numbers = Float64Array.from(new Int16Array(bytes.buffer), (value) => value / 1024);
    let from = 0;
    const rows = (length) =>
      upTo(COUNT).map(() => {
        from += length;
        return numbers.subarray(from - length, from);
      });
    const [means, scores, spreads, patterns, mixing] = [1, COUNT, 1, PATCH ** 2, COUNT].map(rows);
    const features = patterns.map((row, k) => row.map((value) => value * spreads[k]));
    page = {
      means,
      principal: { responses: scores, features },
      learned: {
        responses: scores.map((row) => mixing.map((mix) => dot(mix, row))),
        features: mixing.map((mix) => combine(mix, features)),
      },
    };
  };

  const joined = (patches) =>
    core.image(SIDE, SIDE, (y, x) => {
      const n = Math.floor(y / PATCH) * (SIDE / PATCH) + Math.floor(x / PATCH);
      return page.means[n][0] + patches[n][(y % PATCH) * PATCH + (x % PATCH)];
    });
  const strongest = (row, count) =>
    upTo(COUNT)
      .sort((i, j) => row[j] ** 2 - row[i] ** 2)
      .slice(0, count);
  // The part of the squared responses that the kept ones have.
  const share = (kind, count) => {
    const kept = page[kind].responses.map((row) => strongest(row, count).map((i) => row[i]));
    const energy = (rows) => rows.reduce((sum, row) => sum + dot(row, row), 0);
    return energy(kept) / energy(page[kind].responses);
  };
  const compute = ({ count, kind }) => {
    const { responses, features } = page[kind];
    const rebuilt = responses.map((row) => combine(row, features, strongest(row, count)));
    const [learned, principal] = ["learned", "principal"].map((name) => share(name, count));
    return { rebuilt: joined(rebuilt), shares: { learned, principal } };
  };

  const percent = (part) => `${format.fixed(100 * part, 1)}%`;
  const summary = ({ count, kind }, { shares }) =>
    `${count} ${kind} components: ${percent(shares[kind])}.`;

  const torch = ({ count, kind }) => `import numpy as np
import convtools
image = convtools.natural_image((300, 256)).double().numpy()
windows = np.lib.stride_tricks.sliding_window_view(image, (12, 12)).reshape(-1, 12, 12)
patches = windows[np.random.default_rng(0).integers(len(windows), size=40_000)]
white, whitening = convtools.whiten(patches - patches.mean((1, 2), keepdims=True), 64)
whitening = whitening.reshape(144, 144)
${kind} = ${kind === "principal" ? "np.linalg.eigh(whitening)[1][:, -64:].T" : "convtools.learn_filters(white, 64, seed=0).reshape(64, 144)"}
face = image[60:156, 80:176].reshape(8, 12, 8, 12).swapaxes(1, 2).reshape(64, 144)
responses = (face - face.mean(1, keepdims=True)) @ whitening @ ${kind}.T
energies = np.sort(responses**2)[:, ::-1]
print(f"{100 * energies[:, :${count}].sum() / energies.sum():.1f}%")`;

  const build = (view) => {
    read(view.place.dataset.numbers);
    const inputs = controls(FIELDS, view);
    const [all, some] = [picture("All components"), picture("Rebuilt")];
    const result = words();
    view.root.append(
      box("xp-columns", titled("All components", all.element), titled("Rebuilt", some.element)),
      inputs.element,
      result,
    );
    const complete = compute({ count: COUNT, kind: "principal" }).rebuilt;
    return ({ count }, { rebuilt, shares }) => {
      inputs.draw();
      all.draw(complete, 0.5);
      some.draw(rebuilt, 0.5);
      result.textContent =
        `Of the variance of the whitened patches, ${count} learned components have ` +
        `${percent(shares.learned)}, and ${count} principal components ${percent(shares.principal)}.`;
    };
  };

  const clean = (given) => XP.clean(FIELDS, given);
  XP.explorable("rebuild", { clean, compute, build, summary, torch });
})();
