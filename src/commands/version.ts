import { AirCommand, type Outcome } from '../lib/cli/command.js';

interface VersionData {
  version: string;
  node: string;
  platform: string;
}

export default class Version extends AirCommand<VersionData> {
  static override reach = 'machine' as const;
  static override summary = 'show the version of air, of Node and of the platform';
  static override description =
    'For programs there is --output json; air --version prints the same facts in one line.';
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version --output json'];

  protected override async work(): Promise<Outcome<VersionData>> {
    await this.parse(Version);
    const data = {
      version: this.config.version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    };
    return { data, text: () => `${this.config.userAgent}\n` };
  }
}
