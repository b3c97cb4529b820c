import { join, posix } from 'node:path';

/** What is started, by whom, and where it writes. */
export interface ServicePlan {
  /** Node, and the script that it runs. */
  node: string;
  script: string;
  /** Arguments of `run`. */
  args: readonly string[];
  /** Variables that the exporter shall have, such as OTEL_EXPORTER_OTLP_ENDPOINT. */
  environment: Readonly<Record<string, string>>;
  home: string;
  claudeDirs: readonly string[];
  stateDir: string;
}

/** A service of this user, in the words of the system's own manager. */
export interface Service {
  /** The file that describes it. */
  file: string;
  content: string;
  /** Commands that make the system take it up, and that take it away before the file goes. */
  install: readonly (readonly string[])[];
  uninstall: readonly (readonly string[])[];
  /** Where its log is. */
  log: string;
}

const NAME = 'ccmeter-exporter';
const LABEL = 'io.ccmeter.exporter';
/** Measured: 400 MB after the first scan of 258 MB (deploy/scale.md). */
const MEMORY = '512M';

/** The service for a platform, or undefined where we know none. */
export function describeService(platform: NodeJS.Platform, plan: ServicePlan, userId: number): Service | undefined {
  if (platform === 'linux') return systemd(plan);
  if (platform === 'darwin') return launchd(plan, userId);
  if (platform === 'win32') return scheduledTask(plan);
  return undefined;
}

/** A systemd unit of the user: it may write its state and nothing else. */
function systemd({ node, script, args, environment, home, claudeDirs, stateDir }: ServicePlan): Service {
  const file = posix.join(home, '.config/systemd/user', `${NAME}.service`);
  const content = `# Made by ccmeter: exporter install-service. Taken away by: exporter uninstall-service.
[Unit]
Description=ccmeter exporter: Claude Code usage for Prometheus
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=${[node, script, 'run', ...args].map(quoteForSystemd).join(' ')}
${Object.entries(environment)
  .map(([name, value]) => `Environment=${quoteForSystemd(`${name}=${value}`)}\n`)
  .join('')}Restart=always
RestartSec=5
# Stopping writes what is left.
TimeoutStopSec=15
MemoryMax=${MEMORY}
Nice=5
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
${claudeDirs.map((dir) => `ReadOnlyPaths=-${quoteForSystemd(dir)}\n`).join('')}ReadWritePaths=${quoteForSystemd(stateDir)}
PrivateTmp=yes
PrivateDevices=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictRealtime=yes
LockPersonality=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
SystemCallArchitectures=native
UMask=0077

[Install]
WantedBy=default.target
`;
  return {
    file,
    content,
    install: [
      ['systemctl', '--user', 'daemon-reload'],
      ['systemctl', '--user', 'enable', `${NAME}.service`],
      ['systemctl', '--user', 'restart', `${NAME}.service`],
    ],
    uninstall: [['systemctl', '--user', 'disable', '--now', `${NAME}.service`]],
    log: `journalctl --user -u ${NAME}`,
  };
}

/** `%` begins a specifier and `$` a variable in a unit. */
function quoteForSystemd(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$').replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  return /[\s"'\\;#]/.test(text) ? `"${escaped}"` : escaped;
}

/** A launchd agent. */
function launchd({ node, script, args, environment, home }: ServicePlan, userId: number): Service {
  const log = posix.join(home, 'Library/Logs', `${NAME}.log`);
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- Made by ccmeter: exporter install-service. Taken away by: exporter uninstall-service. -->
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>${LABEL}</string>
  <key>ProgramArguments</key>
  <array>
${[node, script, 'run', ...args].map((text) => `    <string>${escapeXml(text)}</string>\n`).join('')}  </array>
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(environment)
  .map(([name, value]) => `    <key>${escapeXml(name)}</key>\n    <string>${escapeXml(value)}</string>\n`)
  .join('')}  </dict>
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <true/>
  <key>ThrottleInterval</key>
  <integer>5</integer>
  <key>ExitTimeOut</key>
  <integer>15</integer>
  <key>ProcessType</key>
  <string>Background</string>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  <string>${escapeXml(log)}</string>
</dict>
</plist>
`;
  const domain = `gui/${userId}`;
  const file = posix.join(home, 'Library/LaunchAgents', `${LABEL}.plist`);
  return {
    file,
    content,
    install: [
      ['launchctl', 'enable', `${domain}/${LABEL}`],
      ['launchctl', 'bootstrap', domain, file],
      ['launchctl', 'kickstart', '-k', `${domain}/${LABEL}`],
    ],
    uninstall: [['launchctl', 'bootout', `${domain}/${LABEL}`]],
    log: `tail -f ${log}`,
  };
}

/** A scheduled task of Windows: begun at logon, begun again when it ends. */
function scheduledTask({ node, script, args, environment, home }: ServicePlan): Service {
  const sets = Object.entries(environment).map(([name, value]) => `$Env:${name} = ${quoteForPowerShell(value)}; `);
  const call = ['&', ...[node, script, 'run', ...args].map(quoteForPowerShell)].join(' ');
  const command = Buffer.from(`${sets.join('')}${call}`, 'utf16le').toString('base64');
  const file = join(home, 'AppData', 'Local', 'ccmeter', `${NAME}.xml`);
  const content = `<?xml version="1.0" encoding="UTF-8"?>
<!-- Made by ccmeter: exporter install-service. Taken away by: exporter uninstall-service. -->
<Task version="1.4" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>ccmeter exporter: Claude Code usage for Prometheus</Description>
  </RegistrationInfo>
  <Triggers>
    <LogonTrigger>
      <Enabled>true</Enabled>
    </LogonTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>
    <Priority>7</Priority>
    <RestartOnFailure>
      <Interval>PT1M</Interval>
      <Count>999</Count>
    </RestartOnFailure>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>powershell.exe</Command>
      <Arguments>-NoProfile -NonInteractive -WindowStyle Hidden -EncodedCommand ${command}</Arguments>
    </Exec>
  </Actions>
</Task>
`;
  return {
    file,
    content,
    install: [
      ['schtasks', '/Create', '/F', '/TN', NAME, '/XML', file],
      ['schtasks', '/Run', '/TN', NAME],
    ],
    uninstall: [
      ['schtasks', '/End', '/TN', NAME],
      ['schtasks', '/Delete', '/F', '/TN', NAME],
    ],
    log: `schtasks /Query /TN ${NAME} /V /FO LIST`,
  };
}

function quoteForPowerShell(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
