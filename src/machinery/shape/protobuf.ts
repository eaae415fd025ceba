export function encodeObject(_s: any, _o: any): Uint8Array { return new Uint8Array() }
export function encodeList(_s: any, _l: any, _o: any): Uint8Array { return new Uint8Array() }
export function encodeWatchFrame(_t: any, _o: any): Uint8Array { return new Uint8Array() }
export function decodeObject(_b: any, _r: any, _k?: any): { object: any } | { error: string } { return { error: 'x' } }
