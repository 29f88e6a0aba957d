// How long a code lives on this phone, whose clock may be wrong: counted from the answer's arrival.

export interface Issued {
  code: string;
  expiresAt: string;
  renewAt: string;
  serverTime: string;
}

export interface Life {
  code: string;
  /** On the phone's steady clock, ms. */
  renewAt: number;
  expiresAt: number;
}

export function lifeOf(issued: Issued, arrivedAt: number): Life {
  const server = Date.parse(issued.serverTime);
  return {
    code: issued.code,
    renewAt: arrivedAt + Date.parse(issued.renewAt) - server,
    expiresAt: arrivedAt + Date.parse(issued.expiresAt) - server,
  };
}

export const secondsLeft = (until: number, now: number): number =>
  Math.max(0, Math.ceil((until - now) / 1000));

/** "91123456789012345678" → "9112 3456 7890 1234 5678" */
export const grouped = (digits: string): string => digits.replace(/(\d{4})(?=\d)/g, "$1 ");
