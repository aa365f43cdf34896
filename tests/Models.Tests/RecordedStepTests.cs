using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>
/// Each of ten recorded steps on its own: carry and gradients come from the recording, the weights from the optimiser fed with the
/// recorded gradients, so that nothing of one step's rounding enters the next. Needs the full recordings: GRAPH_GOLDEN names their folder.
/// </summary>
public sealed class RecordedStepTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [MemberData(nameof(GoldenTests.Families), MemberType = typeof(GoldenTests))]
    public void Every_step_agrees_from_recorded_weights(string family)
    {
        var folder = Environment.GetEnvironmentVariable("GRAPH_GOLDEN");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "GRAPH_GOLDEN names no folder of full recordings.");
        using var run = new GoldenRun(family + "-ten-steps", GoldenTests.Create(family, 0, 0), folder);
        var (model, trainer) = (run.Model, run.Trainer);
        var options = trainer.Options;
        var weights = model.Weights.ToArray();
        var puzzles = trainer.Puzzles!.Rows.ToArray();
        var optimizer = new AdamATan2(weights.Length, options.Beta1, options.Beta2, options.WeightDecay);
        var errors = new List<string>();
        for (var step = 0; step < 10; step++)
        {
            weights.CopyTo(model.Weights);
            puzzles.CopyTo(trainer.Puzzles.Rows);
            model.WeightsChanged();
            run.LoadCarry();
            var prefix = run.Prefix;
            var result = run.Step();
            Check("out.loss", [(float)result.Loss]);
            var recorded = new float[weights.Length];
            foreach (var parameter in model.Parameters)
            {
                var name = "grad." + parameter.Name;
                run.Expected(prefix + name).CopyTo(recorded, parameter.Offset);
                Check(name, model.Gradients.Slice((int)parameter.Offset, (int)parameter.Count));
            }

            const string Puzzle = "grad.inner.puzzle_emb.local_weights";
            Check(Puzzle, model.GradientOf(model.Ports["puzzle"]));
            optimizer.BeginStep(options.LearningRate);
            optimizer.Update(0, weights, recorded);
            puzzles.CopyTo(trainer.Puzzles.Rows);
            trainer.Puzzles.Update(trainer.Carry.PuzzleIds, run.Expected(prefix + Puzzle), options.PuzzleLearningRate, options.PuzzleWeightDecay);
            puzzles = trainer.Puzzles.Rows.ToArray();

            void Check(string name, ReadOnlySpan<float> actual)
            {
                var error = GoldenRun.RelativeError(actual, run.Expected(prefix + name));
                if (!(error <= Tolerance))
                {
                    errors.Add($"step {step}, {name}: relative error {error:e2}");
                }
            }
        }

        Assert.True(errors.Count == 0, string.Join("\n", errors));
    }
}
