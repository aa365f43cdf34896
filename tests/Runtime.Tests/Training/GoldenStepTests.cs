using Graph.Execution;
using Graph.Tests;
using Graph.Training;

namespace Graph.Runtime.Tests.Training;

/// <summary>A whole training step around the recorded outputs and gradients of libtorch (trm-step), the model itself replaced.</summary>
public sealed class GoldenStepTests
{
    private const int Batch = 3, Cells = 20, Vocabulary = 7, PuzzleWidth = 64;

    private static readonly (string Name, int[] Shape)[] Parameters =
    [
        ("inner.embed_tokens.embedding_weight", [7, 32]),
        ("inner.q_head.weight", [2, 32]),
        ("inner.q_head.bias", [2]),
        ("inner.L_level.layers.0.self_attn.o_proj.weight", [32, 32]),
    ];

    [Fact]
    public void StepMatchesTheRecording()
    {
        using SafetensorsFile golden = GoldenFile.Open("trm-step-optimiser");
        using var model = new FakeModel(Batch, Cells, Vocabulary, PuzzleWidth, Parameters);
        ForEach(model, (name, place) => golden.Read(name, model.Weights[place]));
        int[] minimum = golden.Ints("in.min_halt_steps");
        var trainer = new Trainer(model, golden.Options((_, slot) => minimum[slot]));
        golden.Read("inner.puzzle_emb.weights", trainer.Puzzles!.Weights);
        golden.LoadCarry(trainer.Carry);
        model.OnStep = (fake, gradient, scale) =>
        {
            Assert.True(gradient);
            Assert.Equal(1f / Batch, scale);
            float[] halt = golden.Floats("out.q_halt_logits");
            for (int slot = 0; slot < Batch; slot++)
            {
                fake.Floats("halt")[2 * slot] = halt[slot];
            }

            fake.Floats("loss")[0] = golden.Floats("out.lm_loss")[0];
            fake.Floats("haltLoss")[0] = golden.Floats("out.q_halt_loss")[0];
            ForEach(fake, (name, place) => golden.Read("grad." + name, fake.Gradients[place]));
            golden.Read("grad.inner.puzzle_emb.local_weights", fake.GradientOf(fake.Ports["puzzle"]));
        };

        TrainStepResult result = trainer.Step(golden.Ints("in.inputs"), golden.Ints("in.labels"), golden.Ints("in.puzzle_identifiers"));

        Assert.Equal(golden.Floats("out.loss")[0], result.Loss, 1e-5);
        Assert.Equal(golden.Ints("out.steps"), trainer.Carry.Steps.ToArray());
        Assert.Equal(golden.Ints("out.halted"), trainer.Carry.Halted.ToArray().Select(h => h ? 1 : 0));
        Assert.Equal(golden.Ints("out.inputs"), trainer.Carry.Tokens.ToArray());
        Assert.Equal(golden.Ints("out.labels"), trainer.Carry.Labels.ToArray());
        Assert.Equal(golden.Ints("out.puzzle_identifiers"), trainer.Carry.PuzzleIds.ToArray());
        ForEach(model, (name, place) =>
        {
            Close(golden, "after." + name, model.Weights[place]);
            Close(golden, "adam.m." + name, trainer.Optimizer.FirstMoment[place]);
            Close(golden, "adam.v." + name, trainer.Optimizer.SecondMoment[place]);
            Close(golden, "ema." + name, trainer.Ema!.Shadow[place]);
        });
        Close(golden, "after.inner.puzzle_emb.weights", trainer.Puzzles.Weights);
        Assert.True(trainer.Finished);
        Assert.Throws<InvalidOperationException>(() => trainer.Step([], [], []));
    }

    private static void ForEach(RecursiveModel model, Action<string, Range> action)
    {
        foreach (Parameter parameter in model.Parameters)
        {
            action(parameter.Name, (int)parameter.Offset..(int)(parameter.Offset + parameter.Count));
        }
    }

    private static void Close(SafetensorsFile golden, string name, ReadOnlySpan<float> actual) =>
        GoldenFile.AssertClose(golden.Floats(name), actual, relative: 1e-6, absolute: 1e-9, name);
}
