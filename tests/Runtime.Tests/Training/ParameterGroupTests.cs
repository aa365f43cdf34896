using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class ParameterGroupTests
{
    [Theory]
    [InlineData("inner.L_level.layers.0.mamba.A_log", false)]
    [InlineData("inner.L_level.layers.0.mamba.dt_bias", false)]
    [InlineData("inner.L_level.layers.0.mamba.D", false)]
    [InlineData("inner.L_level.layers.0.mamba.norm.weight", false)]
    [InlineData("inner.q_head.bias", false)]
    [InlineData("inner.L_level.layers.0.mamba.in_proj.weight", true)]
    [InlineData("inner.lm_head.weight", true)]
    public void TheUsualParametersAreSpared(string name, bool decays) =>
        Assert.Equal(decays, ParameterGroup.Of(name, [ParameterGroup.WithoutDecay]).Decays);

    [Fact]
    public void TheFirstMatchWins()
    {
        ParameterGroup slow = new(["a.*"], LearningRateFactor: 0.1), still = new(["a.b", "c"], LearningRateFactor: 0);
        Assert.Same(slow, ParameterGroup.Of("a.b", [slow, still]));
        Assert.Same(still, ParameterGroup.Of("a.b", [still, slow]));
        Assert.Equal(1, ParameterGroup.Of("d", [slow, still]).LearningRateFactor);
    }

    [Fact]
    public void AGroupMustMatchSomething()
    {
        using var model = new FakeModel(1, 1, 2, 0, ("w", [1]));
        var options = new TrainerOptions { TotalSteps = 1, Groups = [new ParameterGroup(["x", "y*"])] };
        Assert.Equal(
            "The parameter group 'x', 'y*' matches no parameter; expected patterns of names such as 'w'.",
            Assert.Throws<GraphException>(() => new Trainer(model, options)).Message);
        Assert.Contains("learning rate factor", Assert.Throws<GraphException>(() => new Trainer(model, options with { Groups = [new ParameterGroup(["w"], LearningRateFactor: -1)] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFactorScalesRateAndDecayAndZeroHolds()
    {
        using var model = new FakeModel(1, 1, 2, 0, ("a", [1]), ("b", [1]), ("c", [1]));
        model.Weights.Fill(1);
        var trainer = new Trainer(model, new TrainerOptions
        {
            TotalSteps = 1, WarmupSteps = 0, LearningRate = 0.5, WeightDecay = 0.5,
            Groups = [new ParameterGroup(["b"], LearningRateFactor: 0.5), new ParameterGroup(["c"], LearningRateFactor: 0)],
        });
        trainer.Step([0], [0], []);
        Assert.Equal([0.75f, 0.875f, 1f], model.Weights.ToArray());
    }

    [Fact]
    public void AFrozenTrunkLeavesOnlyTheTableMoving()
    {
        using var model = new FakeModel(2, 1, 2, 4, ("w", [3]));
        model.Weights.Fill(1);
        model.OnStep = static (fake, _, _) =>
        {
            fake.Gradients.Fill(1);
            fake.GradientOf(fake.Ports["puzzle"]).Fill(1);
        };
        var options = new TrainerOptions { TotalSteps = 9, WarmupSteps = 0, LearningRate = 0.5, PuzzleLearningRate = 0.25, PuzzleWeightDecay = 0, FrozenTrunkSteps = 2 };
        var trainer = new Trainer(model, options);
        for (int step = 1; step <= 3; step++)
        {
            Assert.All(model.Weights.ToArray(), w => Assert.Equal(1, w));
            Assert.All(trainer.Ema!.Shadow.ToArray(), w => Assert.Equal(1, w));
            trainer.Step([0, 0], [0, 0], [0, 0]);
            Assert.Equal(-0.25f * step, trainer.Puzzles!.Rows[0]);
        }

        Assert.Equal(1, trainer.Optimizer.StepCount);
        Assert.All(model.Weights.ToArray(), w => Assert.True(w < 0.9f));
        using var plain = new FakeModel(2, 1, 2, 0, ("w", [3]));
        Assert.Contains("no puzzle table", Assert.Throws<GraphException>(() => new Trainer(plain, options)).Message, StringComparison.Ordinal);
    }
}
