"""AI2-THOR's households (iTHOR) through the real `ai2thor.controller.Controller`."""
