export type * from "./types";
export { DeskMeDocument } from "./DeskMeDocument";
export { DeskPersonDocument } from "./DeskPersonDocument";
export { RechargeRefundDocument } from "./RechargeRefundDocument";
export { DeskCasesDocument } from "./DeskCasesDocument";
export { DeskTerminalsDocument } from "./DeskTerminalsDocument";
export { TerminalSetStateDocument } from "./TerminalSetStateDocument";
