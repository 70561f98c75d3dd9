import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Whether this machine can make virtual environments. */
export function hasPython(): boolean {
  return spawnSync('python3', ['-c', 'import venv, ensurepip']).status === 0;
}

const wheelProgram = `
import sys, zipfile
folder, name = sys.argv[1:]
info = f"{name}-1.0.dist-info"
files = {
    f"{name}.py": f"print('{name} is here')\\n",
    f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n",
    f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
}
files[f"{info}/RECORD"] = "".join(f"{path},,\\n" for path in [*files, f"{info}/RECORD"])
with zipfile.ZipFile(f"{folder}/{name}-1.0-py3-none-any.whl", "w") as wheel:
    for path, text in files.items():
        wheel.writestr(path, text)
`;

/** Makes a wheel of one module that prints a line when it is run; answers its path. Needs no index. */
export function makeWheel(folder: string, name: string): string {
  execFileSync('python3', ['-c', wheelProgram, folder, name]);
  return join(folder, `${name}-1.0-py3-none-any.whl`);
}
