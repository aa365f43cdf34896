using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Tests;
using Graph.Tests.Gpu;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>
/// Whole training steps on devices against the CPU executor: losses, outputs, new states and every gradient by name.
/// </summary>
public sealed class GpuParityTests
{
    private const int Batch = 3;
    private const double Tolerance = 1e-4;

    public static TheoryData<string, string, string, int, int> Runs
    {
        get
        {
            var runs = new TheoryData<string, string, string, int, int>();
            foreach (var family in ShippedModels.Names)
            {
                if (GpuTest.IsUnderOclgrind)
                {
                    runs.Add("oclgrind", family, "mini", 2, 1);
                    continue;
                }

                runs.Add("pocl", family, "grid6", 3, 2);
                runs.Add("ptx", family, "grid4", 1, 1);
                runs.Add("simulation", family, "mini", 2, 1);
            }

            return runs;
        }
    }

    public static TheoryData<string> Families => ["trm", "hrm", "trm-mlp", "mamba2", "mamba2-mlp"];

    /// <summary>On PoCL, in ILGPU's simulation, and in the interpreter what CUDA would get.</summary>
    [Theory]
    [MemberData(nameof(Runs))]
    public void Steps_equal_the_cpu(string kind, string family, string size, int batch, int steps)
    {
        var device = GpuTest.Device(kind);
        using var expected = Create(family, size, batch, Device.Cpu());
        using var actual = Create(family, size, batch, device);
        var cells = expected.Ports["tokens"].Shape[1];
        foreach (var model in new[] { expected, actual })
        {
            Initializer.Fill(model, 5);
        }

        for (var step = 0; step < steps; step++)
        {
            foreach (var model in new[] { expected, actual })
            {
                Fill(model, step, cells);
                model.Step(gradient: true, 1f / batch);
            }

            foreach (var port in expected.Ports.Values.Where(p => !p.Integer && !p.IsInput))
            {
                Close(expected.Floats(port), actual.Floats(port), $"{family} step {step} {port.Name}");
            }

            foreach (var state in expected.States)
            {
                Close(expected.Floats(state.Port), actual.Floats(state.Port), $"{family} step {step} {state.Port.Name}");
            }

            Close(expected.GradientOf(expected.Ports["puzzle"]), actual.GradientOf(actual.Ports["puzzle"]), $"{family} step {step} d puzzle");
            foreach (var parameter in expected.Parameters)
            {
                var (offset, count) = ((int)parameter.Offset, (int)parameter.Count);
                Close(expected.Gradients.Slice(offset, count), actual.Gradients.Slice(offset, count), $"{family} step {step} d {parameter.Name}");
            }
        }
    }

    /// <summary>
    /// A step in bfloat16, on tensor cores in the interpreter, as storage alone on PoCL, and of products on the CPU: near the CPU's float32, and no further
    /// than eight bits of every factor through the recursions explain; and not the same, or nothing was rounded. The token mixers of the MLP families
    /// pass every error on to all tokens, so that of their gradients only the whole is compared, not a decay's alone. What a device rounds besides, because
    /// it lies in memory, are no more values than the factors of products, so that no error is more than twice that of the CPU with rounded factors.
    /// </summary>
    [Theory]
    [InlineData("trm", "ptx-bfloat16", "TensorCoreKernels.NormalizedNarrow", "TensorCoreKernels.GatedBackwardSmall", "TensorCoreAttention.Forward32")]
    [InlineData("mamba2", "ptx-bfloat16", "TensorCoreKernels.ForwardSmall", "TensorCoreKernels.GatedBackwardSmall", "TensorCoreScanProducts.Output", "TensorCoreScanProducts.InputGradient")]
    [InlineData("trm-mlp", "ptx-bfloat16", "TensorCoreKernels.ForwardSmall", "TensorCoreKernels.GatedBackwardSmall", "TensorCoreKernels.Columns", "TensorCoreKernels.ColumnsBackward", "TensorCoreKernels.ColumnsGradient")]
    [InlineData("mamba2-mlp", "ptx-bfloat16", "TensorCoreKernels.Columns", "TensorCoreKernels.ColumnsBackward", "TensorCoreKernels.ColumnsGradient", "TensorCoreScanProducts.Output")]
    [InlineData("trm", "pocl-bfloat16", "Attention.Forward")]
    [InlineData("hrm", "pocl-bfloat16")]
    [InlineData("mamba2-mlp", "pocl-bfloat16")]
    [InlineData("trm", "cpu")]
    [InlineData("hrm", "cpu")]
    [InlineData("trm-mlp", "cpu")]
    [InlineData("mamba2", "cpu")]
    [InlineData("mamba2-mlp", "cpu")]
    [InlineData("trm", "cpu, portable")]
    [InlineData("mamba2-mlp", "cpu, portable")]
    public void A_step_in_bfloat16_is_near_float32(string family, string kind, params string[] kernels)
    {
        if (kind == "ptx-bfloat16")
        {
            GpuTest.NeedTensorCores();
        }

        const int Samples = 2; // 34 rows: enough for a tile
        using var expected = ShippedModels.Create(family, "grid4", Samples);
        using var actual = ShippedModels.Create(family, "grid4", Samples, device: kind switch
        {
            "cpu" => Device.Cpu(bfloat16: true),
            "cpu, portable" => Device.Cpu(lanes: 8, bfloat16: true),
            _ => GpuTest.Device(kind),
        });
        using var rounded = ShippedModels.Create(family, "grid4", Samples, device: Device.Cpu(lanes: 8, bfloat16: true)); // portable: the same on every machine
        var profile = new KernelProfile();
        if (((CompiledProgram)actual).Memory.Gpu is { } queue)
        {
            queue.Profile = profile;
        }

        foreach (var model in new[] { expected, actual, rounded })
        {
            Initializer.Fill(model, 5);
            Fill(model, 0, expected.Ports["tokens"].Shape[1]);
            model.Step(gradient: true, 1f / Samples);
        }

        var logits = expected.Ports["logits"];
        var mixesTokens = family.EndsWith("-mlp", StringComparison.Ordinal);
        var isCpu = kind.StartsWith("cpu", StringComparison.Ordinal);
        var (alone, aloneGradients) = (GoldenRun.RelativeError(rounded.Floats(logits), expected.Floats(logits)), GoldenRun.RelativeError(rounded.Gradients, expected.Gradients));
        Assert.InRange(GoldenRun.RelativeError(actual.Floats(logits), expected.Floats(logits)), 1e-4, isCpu ? mixesTokens ? 5e-2 : 3e-2 : 2 * alone);
        Close(expected.Gradients, actual.Gradients, $"{family} {kind} gradients", isCpu ? 0.1 : 2 * aloneGradients);
        foreach (var parameter in mixesTokens ? [] : expected.Parameters)
        {
            var (offset, count) = ((int)parameter.Offset, (int)parameter.Count);
            Close(expected.Gradients.Slice(offset, count), actual.Gradients.Slice(offset, count), $"{family} {kind} d {parameter.Name}", 0.1);
        }

        var names = profile.Kernels.Select(kernel => kernel.Name).ToHashSet();
        Assert.Subset(names, kernels.ToHashSet());
        Assert.False(names.Contains("N1") && kernels.Contains("TensorCoreKernels.NormalizedNarrow"), "A norm was not done by its product's tiles.");
    }

    /// <summary>
    /// The optimiser, clipping, averages, halting and the reset of states run on the device too. The update's direction is the gradient's sign
    /// where gradients are tiny, so weights drift apart slowly, fastest in trm-mlp (RecordedStepTests says why); losses must not.
    /// </summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Training_equals_the_cpu(string family)
    {
        var device = (GpuDevice)GpuTest.Device("pocl");
        using var expected = new Run(family, null);
        using var actual = new Run(family, device);
        for (var step = 0; step < 6; step++)
        {
            Assert.Equal(expected.Step(step), actual.Step(step), 1e-3);
        }

        Close(expected.Trainer.Optimizer.FirstMoment, actual.Trainer.Optimizer.FirstMoment, $"{family} first moment", 3e-2);
        Close(expected.Trainer.Ema!.Shadow, actual.Trainer.Ema!.Shadow, $"{family} average", 1e-3);
        Close(expected.Model.Weights, actual.Model.Weights, $"{family} weights", 1e-3);

        // A checkpoint from one device continues on another.
        var file = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}.safetensors");
        try
        {
            Checkpoint.Save(actual.Trainer, file);
            using var resumed = new Run(family, null);
            Checkpoint.Resume(resumed.Trainer, file);
            Assert.Equal(resumed.Step(6), actual.Step(6), 1e-4);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>
    /// Training on a device that stores activations as bfloat16: the copy of the weights follows the optimiser, resets and carried states stay float32, and the
    /// loss goes with the CPU's, of which a step's rounding changes less than a hundredth.
    /// </summary>
    [Theory]
    [InlineData("trm", "ptx-bfloat16")]
    [InlineData("mamba2-mlp", "ptx-bfloat16")]
    [InlineData("trm", "pocl-bfloat16")]
    public void Training_in_bfloat16_follows_the_cpu(string family, string kind)
    {
        using var expected = new Run(family, null, "grid4");
        using var actual = new Run(family, GpuTest.Device(kind), "grid4");
        var losses = new List<double>();
        for (var step = 0; step < 4; step++)
        {
            losses.Add(expected.Step(step));
            Assert.Equal(losses[step], actual.Step(step), 0.01 * losses[step]);
        }

        Assert.True(losses[3] < 0.95 * losses[0], "The loss does not move: nothing was compared.");
    }

    /// <summary>Queueing hundreds of kernels makes no garbage; ILGPU's copy of the inputs makes 80 bytes.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void A_warm_step_makes_no_garbage_but_a_copys(string family)
    {
        var device = (GpuDevice)GpuTest.Device("pocl");
        using var model = ShippedModels.Create(family, "grid4", Batch, device: device);
        Initializer.Fill(model, 5);
        Fill(model, 0, model.Ports["tokens"].Shape[1]);
        Assert.InRange(Allocation.Of(() => model.Step(gradient: true), enough: 100), 0, 100);
    }

    private sealed class Run : IDisposable
    {
        /// <summary>Micro-batches of an update: the gradients of the second are added to those of the first.</summary>
        private const int Parts = 2;

        private readonly int[] tokens;
        private readonly int[] labels;

        public Run(string family, Device? device, string size = "grid6")
        {
            Model = ShippedModels.Create(family, size, Batch, device: device);
            Initializer.Fill(Model, 5);
            Trainer = new Trainer(Model, new TrainerOptions { TotalSteps = 100, LearningRate = 1e-3, WarmupSteps = 0, HaltMaxSteps = 3, EmaRate = 0.9, ClipNorm = 0.5, Seed = 3, MicroBatches = Parts, PuzzleIdentifiers = 4 });
            tokens = new int[Model.Ports["tokens"].Count * Parts];
            labels = new int[tokens.Length];
        }

        public RecursiveModel Model { get; }

        public Trainer Trainer { get; }

        public double Step(int step)
        {
            var random = new CounterRandom(13, step, 0, 0);
            var last = Model.Ports["logits"].Shape[^1] - 1;
            for (var i = 0; i < tokens.Length; i++)
            {
                tokens[i] = random.NextInt(1, last);
                labels[i] = random.NextInt(1, last);
            }

            return Trainer.Step(tokens, labels, [0, 1, 1, 0, 0, 1]).Loss;
        }

        public void Dispose() => Model.Dispose();
    }

    private static RecursiveModel Create(string family, string size, int batch, Device device) =>
        size == "mini" ? MiniModels.Create(family, batch, device) : ShippedModels.Create(family, size, batch, device: device);

    private static void Fill(RecursiveModel model, int step, int cells)
    {
        var tokens = model.Ints(model.Ports["tokens"]);
        var labels = model.Ints(model.Ports["labels"]);
        var last = model.Ports["logits"].Shape[^1] - 1;
        var random = new CounterRandom(11, step, 0, 0);
        for (var i = 0; i < tokens.Length; i++)
        {
            tokens[i] = random.NextInt(1, last);
            labels[i] = i % cells == 3 ? -100 : random.NextInt(1, last);
        }

        var puzzle = model.Floats(model.Ports["puzzle"]);
        for (var i = 0; i < puzzle.Length; i++)
        {
            puzzle[i] = MathF.Sin(i + step) * 0.1f;
        }

        if (step == 0)
        {
            foreach (var state in model.States)
            {
                var values = model.Floats(state.Port);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = state.InitRow[i % state.InitRow.Length];
                }
            }
        }
    }

    private static void Close(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, string what, double tolerance = Tolerance)
    {
        var error = GoldenRun.RelativeError(actual, expected);
        Assert.True(error <= tolerance, $"{what}: relative error {error:E1}");
    }
}
