// Preloaded with `node --import`: writes the address of every module that is loaded into the file $AIR_MODULES.
import { appendFileSync } from 'node:fs';
import Module, { register } from 'node:module';
import { pathToFileURL } from 'node:url';

register(
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from 'node:fs';
    export async function load(url, context, next) {
      appendFileSync(process.env.AIR_MODULES, url + '\\n');
      return next(url, context);
    }
  `)}`,
);

const { load } = Module.prototype;
Module.prototype.load = function (file) {
  appendFileSync(process.env.AIR_MODULES, `${pathToFileURL(file)}\n`);
  return load.call(this, file);
};
