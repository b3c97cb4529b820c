/** An official archive of Prometheus and the sum it must have. */
export interface Release {
  version: string;
  url: string;
  sha256: string;
  /** Directory inside the archive. */
  folder: string;
}

const VERSION = '3.15.0';

/**
 * sha256 of the archives, as in `sha256sums.txt` of the release v3.15.0 of 2026-09. Each value was read on 2026-11-21 in three or more
 * public repositories that pin this release independently of each other (install scripts, Bazel rules, Makefiles), all agreeing;
 * the one for Windows in two. A platform that is not here is not downloaded.
 */
const SHA256: Record<string, { archive: string; sha256: string }> = {
  'linux-x64': { archive: 'linux-amd64.tar.gz', sha256: '2a542df32eac02ee17b9d844fb2aa1de00dafa5476579ba8a3ba862e9d572ea0' },
  'linux-arm64': { archive: 'linux-arm64.tar.gz', sha256: 'f1f90ec08e849d494ca66c611470afc50192f0355f1a61c33f2cbde02d067823' },
  'darwin-x64': { archive: 'darwin-amd64.tar.gz', sha256: '2d79e744c2d7e505db936fbc898e05abc74fcb6e437c25befd26e9c9f00aa58b' },
  'darwin-arm64': { archive: 'darwin-arm64.tar.gz', sha256: '920df4d17e78b3b0175af144eb318b0c74d1cf7b1d1251b326966f0e81977260' },
  'win32-x64': { archive: 'windows-amd64.zip', sha256: '5d333b385557d9adc2ff015d13da9809baccc52fb800a82d1e5c94b79258f87e' },
};

/** The pinned release for a platform, or undefined where no sum is known. */
export function releaseFor(platform: string = process.platform, arch: string = process.arch): Release | undefined {
  const entry = SHA256[`${platform}-${arch}`];
  if (!entry) return undefined;
  const name = `prometheus-${VERSION}.${entry.archive}`;
  return {
    version: VERSION,
    url: `https://github.com/prometheus/prometheus/releases/download/v${VERSION}/${name}`,
    sha256: entry.sha256,
    folder: name.replace(/\.(tar\.gz|zip)$/, ''),
  };
}
