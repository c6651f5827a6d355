// Solves models for the scheduler's oracle test: a line of JSON in, a line of JSON out, until the input ends.
//
//   in   { "lp": "Minimize ...", "seconds": 20, "gap": 1e-7 }
//   out  { "status": "optimal", "objective": 1.5, "bound": 1.5, "values": { "grid_import_0": 2, ... } }
//
// status is HiGHS's own word: "optimal", "infeasible", "timeLimit", ... Objective and values are there when
// there is a solution, bound when it is finite. What HiGHS cannot read or finish is { "error": "..." }.

import { createInterface } from "node:readline";
import loadHighs from "highs";

let highs = await loadHighs();
const words = new Map(Object.entries(highs.constants.modelStatus).map(([word, code]) => [code, word]));

// The tolerances are absolute, because an objective near zero makes a relative gap mean anything.
const options = { output_flag: false, mip_rel_gap: 0, mip_feasibility_tolerance: 1e-7 };

function solve({ lp, seconds, gap }) {
  return highs.withModel({ format: "lp", data: lp }, (model) => {
    model.options.set({ ...options, time_limit: seconds, mip_abs_gap: gap });
    model.run();
    const answer = { status: words.get(model.getModelStatus()) };
    if (model.info.get("primal_solution_status") === highs.constants.solutionStatus.feasible) {
      answer.objective = model.getObjectiveValue();
      answer.values = {};
      model.getSolution().colValue.forEach((value, i) => {
        if (value !== 0) answer.values[model.getColName(i)] = value;
      });
    }
    // Without whole numbers it is no MIP, and only the end of the simplex proves anything.
    const bound = lp.includes("\nGenerals\n") ? model.info.get("mip_dual_bound")
      : answer.status === "optimal" ? answer.objective : -Infinity;
    if (Number.isFinite(bound)) answer.bound = bound;
    return answer;
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = solve(JSON.parse(line));
  } catch (error) {
    answer = { error: String(error) };
    highs = await loadHighs(); // a fault in WebAssembly leaves the old one unusable
  }
  process.stdout.write(JSON.stringify(answer) + "\n");
}
