import { AirCommand, Args, Flags, type Outcome } from '../lib/cli/command.js';
import { interview } from '../lib/cli/terminal/question.js';
import { LogSpinner } from '../lib/cli/terminal/log-spinner.js';
import { registeredImageText } from '../lib/cli/views/image-text.js';
import { imageProgress } from '../lib/cli/views/image-progress.js';
import { AirError } from '../lib/errors.js';
import type { ImageReference, RegistryAccess } from '../lib/images/index.js';

interface RegisterImageData {
  docker_image_url: string;
  manifest_sha256: string | null;
  status: 'AVAILABLE';
  image_updated: boolean;
  cached: boolean;
}

export default class RegisterImage extends AirCommand<RegisterImageData> {
  static override aliases = ['register:image'];
  static override summary = 'mirror a Docker image into the workspace, so that runs can use it';
  static override description =
    'Without --scope or --interactive-authenticate the login that Docker on this machine has for the registry is used, if there is one. It is stored as a secret that only you can read.';
  static override examples = [
    '<%= config.bin %> register-image pytorch/pytorch:2.8.0-cuda12.8-cudnn9-runtime',
    '<%= config.bin %> register-image registry.example.com/team/train:7 --scope registries --key example',
    '<%= config.bin %> register-image registry.example.com/team/train:7 --interactive-authenticate',
  ];
  static override args = {
    IMAGE_URL: Args.string({
      description: 'address of the image, as "docker pull" takes it',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    scope: Flags.string({
      summary: "secret scope that holds the registry's login",
      helpValue: 'SCOPE',
      dependsOn: ['key'],
    }),
    key: Flags.string({
      summary: 'key of that secret; its value is base64 of "user:password"',
      helpValue: 'KEY',
      dependsOn: ['scope'],
    }),
    'interactive-authenticate': Flags.boolean({
      char: 'i',
      summary: "ask for the registry's user and password",
      exclusive: ['scope', 'key'],
    }),
    'timeout-minutes': Flags.integer({ summary: 'longest wait for the image [default: 60]', helpValue: 'N' }),
    'tag-policy': Flags.string({
      summary: 'which version of a tag is registered: latest, the one the registry has now',
      helpValue: 'POLICY',
    }),
  };

  protected override async work(): Promise<Outcome<RegisterImageData>> {
    const { args, flags } = await this.parse(RegisterImage);
    const images = await import('../lib/images/index.js');
    const image = images.parseImageReference(args.IMAGE_URL);
    const minutes = flags['timeout-minutes'] ?? 60;
    if (minutes <= 0) {
      throw new AirError('INVALID_ARGS', `--timeout-minutes ${minutes} is not positive.`);
    }
    checkTagPolicy(flags['tag-policy']);
    if (flags['interactive-authenticate'] && !this.mayPrompt) {
      throw new AirError(
        'INVALID_ARGS',
        '--interactive-authenticate needs a terminal and text output: there is nobody to ask.',
        { hint: `Log in first: docker login ${image.registry}. Or name a secret with --scope and --key.` },
      );
    }

    const workspace = await this.openWorkspace(flags);
    await workspace.me();
    const { scope, key } = flags;
    const access = flags['interactive-authenticate']
      ? await this.askForLogin(image)
      : await images.registryAccess(image.registry, scope && key ? { scope, key } : undefined, {
          env: this.host.env,
          homeDirectory: this.config.home,
          signal: this.signal,
        });
    const { stderr } = this.host.io;
    const spinner = new LogSpinner(stderr);
    try {
      const { digest, updated } = await images.registerImage(workspace, this.context, {
        image,
        access,
        timeout: minutes * 60_000,
        report: imageProgress(stderr, spinner, {
          silent: this.json,
          warn: (warning) => this.addWarning(warning),
        }),
      });
      const data: RegisterImageData = {
        docker_image_url: image.given,
        manifest_sha256: digest,
        status: 'AVAILABLE',
        image_updated: updated,
        cached: !updated,
      };
      return { data, text: () => registeredImageText(data) };
    } finally {
      spinner.clear();
    }
  }

  private async askForLogin(image: ImageReference): Promise<RegistryAccess> {
    const { username, password } = await interview(this.host.io, this.signal, async (ask) => ({
      username: (await ask(`User at ${image.registry}: `)).trim(),
      password: await ask('Password or token (not shown): ', { hidden: true }),
    }));
    if (username === '' || password === '') {
      throw new AirError('INVALID_ARGS', 'A login needs both a user and a password.');
    }
    return { from: 'login', login: { username, password }, typed: true };
  }
}

/** A registration always looks for the newest version; the older `auto` belongs to runs alone. */
function checkTagPolicy(policy: string | undefined): void {
  const name = policy?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'latest') return;
  throw new AirError(
    'INVALID_ARGS',
    name === 'auto'
      ? '--tag-policy auto is a choice for runs (environment.docker_image.tag_policy): registering an image always takes the newest version of its tag.'
      : `--tag-policy ${JSON.stringify(policy)} is unknown.`,
    { hint: 'Leave it away, or say --tag-policy latest' },
  );
}
