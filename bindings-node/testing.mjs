import testing from './testing.js';

export const { Sandbox, startSandbox } = testing;
