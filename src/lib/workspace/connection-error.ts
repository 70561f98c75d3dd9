import { AirError, messageOf, systemCode } from '../errors.js';
import { withoutUserInfo } from './proxies.js';
import { redact } from './redaction.js';

/** The connection failed: no answer, or not all of it. */
export class ConnectionError extends AirError {
  /** The server cannot have seen the request. */
  readonly unsent: boolean;
  /** The name of the host, or of the proxy, was not resolved for the moment. */
  readonly unresolved: boolean;
  /** The system's code (`ECONNREFUSED`), if there is one. */
  readonly reason: string | undefined;

  constructor(error: unknown, at: RequestAddress) {
    const reason = systemCode(error);
    const fault = faultOf(reason, messageOf(error), at);
    const label = at.label === undefined ? '' : `, ${at.label},`;
    super('INTERNAL_ERROR', `${at.url.origin}${label} cannot be reached: ${fault.words}.`, {
      kind: fault.permanent ? 'PERMANENT' : 'TRANSIENT',
      hint: fault.hint,
      cause: error,
    });
    this.name = 'ConnectionError';
    this.reason = reason;
    this.unsent = fault.unsent ?? false;
    this.unresolved = fault.unresolved ?? false;
  }
}

interface RequestAddress {
  url: URL;
  label?: string | undefined;
  proxy?: string | undefined;
}

interface Fault {
  words: string;
  hint: string;
  permanent?: boolean;
  unsent?: boolean;
  unresolved?: boolean;
}

const unsentFaults: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name does not resolve',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no network',
  EADDRNOTAVAIL: 'there is no network',
};

function faultOf(reason: string | undefined, message: string, at: RequestAddress): Fault {
  const through = at.proxy === undefined ? '' : ` through the proxy ${withoutUserInfo(at.proxy)}`;
  const network = `Check the address${through ? ', HTTPS_PROXY and NO_PROXY' : ''} and the network, then try again.`;
  if (reason === 'ERR_TLS_CERT_ALTNAME_INVALID' || reason === 'HOSTNAME_MISMATCH') {
    return {
      words: `its certificate is for another name (${reason})`,
      hint: `Check the host in the configuration${through ? ', and HTTPS_PROXY' : ''}: ${at.url.hostname} is not what answers there.`,
      permanent: true,
      unsent: true,
    };
  }
  if (reason === 'CERT_HAS_EXPIRED' || reason === 'CERT_NOT_YET_VALID') {
    return {
      words: `its certificate is not valid today (${reason})`,
      hint: "Check this machine's clock: date -u. If it is right, whoever runs the host must renew the certificate.",
      permanent: true,
      unsent: true,
    };
  }
  if (isCertificateFault(reason)) {
    return {
      words: `its certificate is not trusted (${reason ?? ''})`,
      hint: 'Behind a company proxy: export NODE_EXTRA_CA_CERTS=/path/to/company-ca.pem',
      permanent: true,
      unsent: true,
    };
  }
  if (reason === 'EPROTO' || reason?.startsWith('HPE_') || reason?.startsWith('ERR_SSL_')) {
    return {
      words: `what answers there does not speak ${at.url.protocol === 'https:' ? 'HTTPS' : 'HTTP'}${through}`,
      hint: 'Check host in the configuration: https:// and no port, usually.',
      permanent: true,
    };
  }
  if (/bad response: 40[37]/i.test(message)) {
    return {
      words: `the proxy ${withoutUserInfo(at.proxy ?? '')} refused (${message})`,
      hint: 'Check HTTPS_PROXY: http://user:password@proxy.example.com:3128',
      permanent: true,
      unsent: true,
    };
  }
  if (message === 'Proxy timeout') {
    return { words: `no connection in time${through}`, hint: network, unsent: true };
  }
  if (reason !== undefined && unsentFaults[reason] !== undefined) {
    return { words: `${unsentFaults[reason]}${through}`, hint: network, unsent: true };
  }
  if (reason === 'EAI_AGAIN' || (reason === 'ETIMEDOUT' && message.includes("'lookup'"))) {
    const words = `its name does not resolve at the moment${through}`;
    return { words, hint: network, unsent: true, unresolved: true };
  }
  if (reason === 'ETIMEDOUT') {
    const connecting = /'(connect|secureConnect)'/.test(message);
    const missing = connecting ? 'no connection' : 'no answer';
    return { words: `${missing} in time${through}`, hint: network, unsent: connecting };
  }
  if (reason === 'ECONNRESET' || reason === 'EPIPE' || reason === 'ERR_BODY_PARSE_FAILURE') {
    return { words: `the connection was cut${through}`, hint: network };
  }
  return { words: `${redact(message).replace(/\.$/, '')}${through}`, hint: network };
}

function isCertificateFault(reason: string | undefined): boolean {
  return (
    reason !== undefined &&
    /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA)/.test(reason)
  );
}
