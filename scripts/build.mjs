// `npm run build`: the web application, where something has changed.
import { buildApplication, installPackages, requireNode } from './steps.mjs';

requireNode();
installPackages();
buildApplication();
