using System.CommandLine;
using Graph;
using Graph.Execution;
using Graph.Execution.Ilgpu;
using Graph.Inspect;

var what = new Argument<string>("what") { Description = "model: what the compiler made of it. devices: what --device of the samples can name on this machine.", DefaultValueFactory = _ => "model" };
what.AcceptOnlyFromAmong("model", "devices");
var model = new Option<string>("--model") { Description = $"One of {Catalogue.ModelNames}.", DefaultValueFactory = _ => "trm" };
var size = new Option<string>("--size") { Description = "arc, sudoku, maze, grid9, grid6 or grid4.", DefaultValueFactory = _ => "sudoku" };
var batch = new Option<int>("--batch") { Description = "Samples per step, for the memory plan.", DefaultValueFactory = _ => 8 };
var device = new Option<string>("--device") { Description = "cpu, gpu or gpu,bf16: whose memory plan.", DefaultValueFactory = _ => "cpu" };
device.AcceptOnlyFromAmong("cpu", "gpu", "gpu,bf16");
var json = new Option<bool>("--json") { Description = "Print one JSON object instead." };
var source = new Option<bool>("--source") { Description = "Print the emitted C# as well." };
var root = new RootCommand("Prints what the compiler made of a model: graph, parameters, work, memory plan, emitted source.") { what, model, size, batch, device, json, source };
root.SetAction(arguments =>
{
    try
    {
        if (arguments.GetValue(what) == "devices")
        {
            Console.WriteLine($"cpu        {Environment.ProcessorCount} cores, {CpuExecutor.WidestLanes} float lanes (SIMD)");
            Console.WriteLine($"cpu,bf16   {Device.Cpu(bfloat16: true).Name}");
            foreach (var (id, name, bytes) in GpuDevice.List())
            {
                Console.WriteLine($"{id,-11}{name}, {bytes >> 20:N0} MB");
            }

            return 0;
        }

        if (arguments.GetValue(batch) is < 1 or > 4096)
        {
            throw new GraphException($"--batch {arguments.GetValue(batch)}: expected 1 to 4096.");
        }

        var isCpu = arguments.GetValue(device) == "cpu";
        var bfloat16 = arguments.GetValue(device) == "gpu,bf16";
        var planned = isCpu ? Device.Cpu() : new PlanDevice(bfloat16, tensorCores: bfloat16);
        using var program = Catalogue.Create(arguments.GetValue(model)!, arguments.GetValue(size)!, arguments.GetValue(batch), planned);
        var report = new Report(program, isCpu ? program.Memory.Bytes : PlanBytes.OnGpu(program));
        if (arguments.GetValue(json))
        {
            report.WriteJson(Console.Out);
        }
        else
        {
            report.Write(Console.Out);
            if (arguments.GetValue(source))
            {
                EmittedSource.Write(program.Name, Console.Out);
            }
        }

        return 0;
    }
    catch (GraphException problem)
    {
        Console.Error.WriteLine(problem.Message);
        return 2;
    }
});
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    Console.Error.WriteLine(parsed.Errors[0].Message);
    return 2;
}

return parsed.Invoke();
