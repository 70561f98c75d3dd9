// Preloaded with `node --import`: writes the address of every module that is loaded into the file $AIR_MODULES.
import { register } from 'node:module';

register(
  `data:text/javascript,${encodeURIComponent(`
    import { appendFileSync } from 'node:fs';
    export async function load(url, context, next) {
      appendFileSync(process.env.AIR_MODULES, url + '\\n');
      return next(url, context);
    }
  `)}`,
);
