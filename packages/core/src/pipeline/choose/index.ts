export { chooseMethod, defaultMethod, type ChosenMethod, type MethodChoice } from './choose-method.ts'
