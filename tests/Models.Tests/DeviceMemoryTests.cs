using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Tests.Gpu;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>What a program takes on a device is known before it is allocated, training's part included, and a batch that does not fit is refused.</summary>
public sealed class DeviceMemoryTests
{
    private const int Batch = 3;

    public static TheoryData<string> Families => ["trm", "hrm", "trm-mlp", "mamba2", "mamba2-mlp"];

    public static MatrixTheoryData<string, bool> Formats => new(["trm", "trm-mlp", "mamba2", "mamba2-mlp"], [false, true]);

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_queue_is_never_asked_for_more_than_it_was_opened_with(string family, bool bfloat16)
    {
        SizeQueue? queue = null;
        using var planned = (CompiledProgram)ShippedModels.Create(family, "grid4", Batch, device: new PlanDevice(bfloat16, tensorCores: bfloat16));
        using var program = (CompiledProgram)ShippedModels.Create(family, "grid4", Batch, device: new QueueDevice("sizes", memory => queue = new SizeQueue(memory), bfloat16));
        Assert.Equal(program.Memory.Bytes, PlanBytes.OnGpu(planned));
        Assert.Equal(program.Memory.Bytes, sizeof(float) * (queue!.Room + queue.Memory.Integers));

        // Everything that training can add: moments, average, norm; micro-batches add nothing.
        var trainer = new Trainer(program, new TrainerOptions { TotalSteps = 10, EmaRate = 0.9, ClipNorm = 1, MicroBatches = 2, PuzzleIdentifiers = 1 });
        var tokens = new int[2 * program.Ports["tokens"].Count];
        tokens.AsSpan().Fill(1);
        for (var step = 0; step < 2; step++)
        {
            trainer.Step(tokens, tokens, new int[2 * Batch]);
        }

        program.Step(gradient: false);
        Assert.InRange(queue.Peak, queue.Memory.Floats + 1, queue.Room);
    }

    /// <summary>Frames, pool and scratch in bfloat16; what lives for the whole step, statistics and a few narrow values stay.</summary>
    [Theory]
    [MemberData(nameof(Families))]
    public void Activations_in_bfloat16_take_half(string family)
    {
        using var floats = (CompiledProgram)ShippedModels.Create(family, "sudoku", Batch, device: new PlanDevice());
        using var rounded = (CompiledProgram)ShippedModels.Create(family, "sudoku", Batch, device: new PlanDevice(bfloat16: true));
        Assert.InRange(Between(rounded) / Between(floats), 0.5, 0.55);
        Assert.InRange((double)rounded.Table.DeviceScratchAt(Batch) / floats.Table.DeviceScratchAt(Batch), 0.5, 0.55);
        Assert.DoesNotContain(floats.Table.Entries, entry => entry.Rounded);
        Assert.DoesNotContain(rounded.Table.Entries, entry => entry is { Rounded: true, Kind: "step" });

        static double Between(CompiledProgram program) => program.Table.Entries.Where(entry => entry.Kind != "step").Sum(entry => entry.PerSample * entry.Turns);
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_batch_that_does_not_fit_is_refused_with_the_largest_that_does(string family)
    {
        const int Largest = 5;
        using var device = GpuTest.OwnDevice("pocl");
        using var planned = (CompiledProgram)ShippedModels.Create(family, "grid4", Largest, device: new PlanDevice());
        device.MemoryBytes = PlanBytes.OnGpu(planned);
        var refusal = Assert.Throws<GraphException>(() => ShippedModels.Create(family, "grid4", 64, device: device));
        Assert.EndsWith($"; a batch of {Largest} does.", refusal.Message, StringComparison.Ordinal);
        Assert.Throws<GraphException>(() => ShippedModels.Create(family, "grid4", Largest + 1, device: device));
        using (var fits = (CompiledProgram)ShippedModels.Create(family, "grid4", Largest, device: device))
        {
            Assert.Equal(device.MemoryBytes, fits.Memory.Bytes);
        }

        device.MemoryBytes = 1 << 10;
        refusal = Assert.Throws<GraphException>(() => ShippedModels.Create(family, "grid4", 1, device: device));
        Assert.EndsWith("; no batch of this model does.", refusal.Message, StringComparison.Ordinal);

        // What others hold is not there.
        device.MemoryBytes = 1L << 40;
        device.FreeBytes = () => PlanBytes.OnGpu(planned);
        refusal = Assert.Throws<GraphException>(() => ShippedModels.Create(family, "grid4", 64, device: device));
        Assert.EndsWith($", which has 1,048,576 MB, of which {PlanBytes.OnGpu(planned) >> 20:N0} MB are free; a batch of {Largest} does.", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Runs nothing; gives out memory as <see cref="IlgpuQueue"/> does and notes how far it got.</summary>
    private sealed class SizeQueue(QueueMemory memory) : GpuQueue
    {
        private readonly Dictionary<object, Ref> tables = new(ReferenceEqualityComparer.Instance);
        private long used = memory.Floats;

        public QueueMemory Memory => memory;

        public long Room => memory.Floats + memory.Reserve;

        public long Peak { get; private set; }

        public override void Launch(GpuKernel kernel, long groups, int groupSize, in GpuArguments arguments)
        {
        }

        public override void Upload(ReadOnlySpan<float> values, long offset)
        {
        }

        public override void Upload(ReadOnlySpan<int> values, long offset)
        {
        }

        public override void Download(long offset, Span<float> values) => values.Clear();

        public override void Synchronize()
        {
        }

        public override Ref Table(object key, Func<float[]> make)
        {
            if (!tables.TryGetValue(key, out var place))
            {
                tables[key] = place = Place(used);
                used = (used + make().Length + 63) & ~63L;
                Peak = Math.Max(Peak, used);
            }

            return place;
        }

        public override Ref Scratch(long count)
        {
            Peak = Math.Max(Peak, used + count);
            return Place(used);
        }
    }
}
