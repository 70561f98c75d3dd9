/**
 * Says in which file of the build a module belongs, for the bundler: opening one file is quicker than opening twenty.
 * `files` names each file after what needs it and lists the modules that need it at once; all that those import goes
 * with them. What `programs` need too is kept apart, in the file `ground`, so that they do without the rest. A module
 * that no file needs goes where the bundler likes (null).
 */
export function sharedFiles(files, programs) {
  let places;
  return (module, graph) => {
    places ??= placesIn(graph, files, programs);
    return places.get(module) ?? null;
  };
}

function placesIn(graph, files, programs) {
  const ground = reached(graph, programs);
  const places = new Map();
  for (const [file, modules] of Object.entries(files)) {
    for (const id of reached(graph, modules)) {
      if (!places.has(id)) places.set(id, ground.has(id) ? 'ground' : file);
    }
  }
  return places;
}

/** The ids of the modules and of all that they import, at once or through others, without `import()`. */
function reached(graph, modules) {
  const found = new Set();
  const left = [...modules];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const imports = found.has(id) ? undefined : graph.getModuleInfo(id)?.importedIds;
    if (!imports) continue;
    found.add(id);
    left.push(...imports);
  }
  return found;
}
