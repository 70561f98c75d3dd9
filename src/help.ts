import { Help } from '@oclif/core';

/** The help of every command. */
export default class AirHelp extends Help {}
